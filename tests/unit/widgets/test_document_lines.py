"""A Markdown document as rows of a terminal."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from procedures.library.export import body_of
from procedures.runbook.catalogue import SHIPPED
from procedures.runbook.parser import parse
from widgets.document_lines import Rendered, render_document


def rows(markdown: str, width: int = 60, **options: object) -> list[str]:
    return texts(render_document(markdown, width, **options))  # type: ignore[arg-type]


def texts(rendered: Rendered) -> list[str]:
    return ["".join(text for text, _ in line).rstrip() for line in rendered.lines]


def styles(markdown: str) -> dict[str, str]:
    return {text: style for line in render_document(markdown, 60).lines for text, style in line}


def test_headings_differ_and_a_budget_is_put_into_words() -> None:
    shown = rows("# Title\n\n## Phase 1: Look {budget=5m}\n\n### Step\n\n#### Detail", 40)
    assert shown[0] == "Title"
    assert shown[2].startswith("── Phase 1: Look · within 5m ───")
    assert shown[4] == "› Step"
    assert shown[6] == "· Detail"


def test_lists_and_boxes_hang() -> None:
    shown = rows("- one two three four\n  - inner\n- [ ] to do\n\n3. third\n4. fourth", 18)
    assert shown[:3] == ["  • one two three", "    four", "      • inner"]
    assert "  ☐ to do" in shown
    assert shown[-2:] == ["  3. third", "  4. fourth"]


def test_a_fence_says_what_it_is_for_and_keeps_its_text() -> None:
    fence = '```sh {method=docker level=destructive affects="all" timeout=30s}\nrm -rf x\n```'
    shown = rows(f"{fence}\n\n```check\nhealth status is healthy\n```")
    assert shown[0] == "┌ docker DESTRUCTIVE · at most 30s · affects all"
    assert shown[1] == "│ rm -rf x"
    assert shown[3:] == ["┌ checks", "│ health status is healthy"]
    assert styles(fence)["DESTRUCTIVE "] == "critical"


def test_a_long_command_goes_on_behind_an_arrow() -> None:
    shown = rows("```sh\n" + "x" * 30 + "\n```", 24)
    assert shown[1:] == ["│ " + "x" * 20, "│ ↪ " + "x" * 10]


def test_the_commands_of_other_methods_can_be_left_out() -> None:
    markdown = "\n\n".join(
        f"```sh {{{attributes}}}\n{attributes}\n```"
        for attributes in ("method=docker", "method=kubernetes", "timeout=5s")
    )
    shown = "\n".join(rows(markdown, method="kubernetes"))
    assert "method=docker" not in shown
    assert "method=kubernetes" in shown
    assert "timeout=5s" in shown


@pytest.mark.parametrize(
    ("kind", "style"), [("CAUTION", "critical"), ("warning", "warning"), ("Note", "key")]
)
def test_a_notice_is_marked_in_word_and_colour(kind: str, style: str) -> None:
    markdown = f"> [!{kind}]\n> Take **care**.\n>\n> Twice."
    assert rows(markdown) == [f"▌ {kind.upper()}", "▌ Take care.", "▌", "▌ Twice."]
    assert styles(markdown)["▌ "] == style


def test_a_table_fits_and_wraps_its_widest_column() -> None:
    table = "| a | b |\n|---|---|\n| 1 | one two three four five six seven |\n"
    shown = rows(table, 24)
    assert shown[:3] == ["a │ b", "──┼─────────────────────", "1 │ one two three four"]
    assert all(cell_len(row) <= 24 for row in shown)


def test_links_are_numbered_in_order_and_the_chosen_one_is_lit() -> None:
    markdown = "# T\n\nSee [one](a.md) and [two](b.md).\n\n- [three](c.md)"
    rendered = render_document(markdown, 60, chosen=1)
    assert [link.text for link in rendered.links] == ["a.md", "b.md", "c.md"]
    lit = [text for line in rendered.lines for text, style in line if style == "cursor"]
    assert lit == ["two"]
    assert "three" in texts(rendered)[rendered.links[2].line]


def test_html_is_shown_as_the_text_that_it_is() -> None:
    assert "<b>x</b>" in "\n".join(rows("<b>x</b>"))


@settings(max_examples=200)
@given(
    st.text(alphabet=st.sampled_from("ab *_`#>-|[]()!\n\t1.~:é漢"), max_size=200),
    st.integers(20, 90),
)
def test_whatever_is_written_no_row_is_wider_than_the_page(markdown: str, width: int) -> None:
    for line in render_document(markdown, width).lines:
        assert sum(cell_len(text) for text, _ in line) <= width + 16


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*/*.md")), ids=lambda path: str(path.stem))
def test_a_shipped_document_fits_a_small_terminal(path: Path) -> None:
    procedure = parse(path.read_text(), path)
    rendered = render_document(body_of(procedure), 78)
    headings = [heading.text.partition(" · within ")[0] for heading in rendered.headings]
    assert {step.title for step in procedure.steps} <= set(headings)
    assert all(sum(cell_len(text) for text, _ in line) <= 79 for line in rendered.lines)

"""Whatever a document holds, it is read, nothing of its commands is lost, and none is run twice."""

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.reference.levels import Level, highest
from procedures.risk.assessment import assess
from procedures.runbook.catalogue import SHIPPED
from procedures.runbook.foreign.importer import Imported, read_foreign
from tests.unit.runbook.foreign.kept import DOCUMENTS, PATH, assert_nothing_lost, lines_of

SHIPPED_TEXTS = [path.read_text() for path in sorted(SHIPPED.rglob("*/*.md"))[:12]]
PLACES = [PATH, Path("x.md"), Path("/"), Path("ä ö/..md"), Path("a/b.mdx")]

FRAGMENTS = [
    "# Title", "## Phase", "### Step", "#### Deeper", "Setext\n======", "Other\n-----", "---",
    "Some words.", "Then run this:", "Or:", "or", "Expected output:", "**Expected output**",
    "With Kubernetes:", "| a | b |\n|---|---|\n| 1 | 2 |", "> [!WARNING]\n> Mind it.",
    "> quoted\n>\n> ```sh\n> echo {n} quoted\n> ```", "- [ ] tick\n- [x] ticked", "1. one\n2. two",
    "1. Do\n\n   ```sh\n   echo {n} listed\n   ```\n2. And do",
    "- a\n  - b\n    ```sh\n    ls {n}\n    ```",
    "- [ ] Box\n\n  ```bash\n  kubectl get pods {n} <pod>\n  ```", ":::note Beware\nText\n:::",
    ":::danger\n\n```sh\nrm {n}\n```\n\n:::", ":::", ":::tabs\n```sh\nls tab{n}\n```\n:::",
    "```sh\necho {n} a\n```", "```bash\nkubectl get pod <pod-name> -l n={n}\n```",
    "```sh\n# 1. first {n}\nls {n}\n# 2. second {n}\nps {n}\n```",
    "```sh\ndocker-compose up -d a{n}\n# or {n}\nkubectl apply -f a{n}\n```",
    "```sh\nA={n}\n# or {n}b\nB=$A{n}\n```", "```console\n$ ls c{n}\nout {n}\n$ ps c{n}\n```",
    "```console\nno prompt {n}\n```", "```sh\ncat <<EOF\n# 1. in {n}\n<name>\nEOF\n```",
    "```sh\ncat <<'EOF'\n<name> {n}\nEOF\n```", "```text\nplain\n```", "```\nbare\n```", "```sh",
    "~~~bash\necho tilde {n}\n~~~", "    $ indented", "<details>", "</details>", "<!-- comment -->",
    "<!--\n```sh\nrm {n} commented\n```\n-->", "<!--", "import A from 'b'", "<Tabs>", "\t\ttabs",
    '```sh {"level":"read"}\nrm -rf /x{n}\n```', "```sh {background=true}\nserve {n}\n```",
]  # fmt: skip


def numbered(parts: list[str]) -> list[str]:
    return [part.replace("{n}", f"n{number}") for number, part in enumerate(parts)]


documents = st.lists(st.sampled_from(FRAGMENTS), max_size=14).map(numbered)
heads = st.sampled_from(
    ["", "---\ntitle: T\n---\n", "+++\ntitle = 'T'\n+++\n", '{"title": "T"}\n', "---\n: [\n---\n",
     "---\n\n", "---\na: b: c\n---\n"]
)  # fmt: skip


def mutated(draw: st.DrawFn, texts: list[str]) -> str:
    lines = draw(st.sampled_from(texts)).splitlines(keepends=True)
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(lines) - 1))
        other = draw(st.integers(0, len(lines) - 1))
        match draw(st.integers(0, 4)):
            case 0:
                lines[at] = ""
            case 1:
                lines[at], lines[other] = lines[other], lines[at]
            case 2:
                lines.insert(at, lines[other])
            case 3:
                lines[at] = draw(st.text(max_size=12)) + lines[at]
            case _:
                lines[at] = "   " + lines[at]
    return "".join(lines)


def assert_sound(result: Imported) -> None:
    """What is promised of every procedure, whatever it was read from."""
    procedure = result.procedure
    if procedure is None:
        assert result.notes
        return
    assert procedure.id
    assert procedure.title
    assert procedure.steps
    ids = [step.id for step in procedure.steps]
    assert len(set(ids)) == len(ids)
    for step in procedure.steps:
        assert step.commands or step.items
        for one, other in combinations(step.commands, 2):
            assert one.methods
            assert other.methods
            assert not {*one.methods} & {*other.methods}
        for command in step.commands:
            assert highest(assess(command.script).level, command.level) is command.level
            if command.level is Level.DESTRUCTIVE:
                assert command.affects
                assert any(notice.kind == "caution" for notice in step.notices)
    for name, asked in procedure.inputs.items():
        assert asked.default is None
        assert any(f"${name}" in line or f"${{{name}}}" in line for line in lines_of(procedure))


@settings(max_examples=300)
@given(st.text(), st.sampled_from(PLACES))
def test_any_text_is_read(text: str, path: Path) -> None:
    result = read_foreign(text, path)
    assert_sound(result)
    assert result.procedure is None or result.procedure.source == text


@given(st.text(alphabet=st.characters(), max_size=60), st.sampled_from(["sh", "console", "bash"]))
def test_any_command_is_read_and_kept(script: str, language: str) -> None:
    text = f"Run:\n\n~~~~~{language}\n{script}\n~~~~~\n"
    result = read_foreign(text, PATH)
    assert_sound(result)
    assert_nothing_lost(text, result)


@settings(max_examples=400)
@given(heads, documents, st.sampled_from(["\n\n", "\n", "\n\n\n"]), st.sampled_from(["\n", "\r\n"]))
def test_no_fragment_is_lost_between_others(
    head: str, parts: list[str], gap: str, end: str
) -> None:
    text = (head + gap.join(parts)).replace("\n", end)
    result = read_foreign(text, PATH)
    assert_sound(result)
    assert_nothing_lost(text, result)


@settings(max_examples=300)
@given(st.composite(mutated)([*DOCUMENTS.values()]))
def test_a_damaged_runbook_loses_no_command(text: str) -> None:
    result = read_foreign(text, PATH)
    assert_sound(result)
    assert_nothing_lost(text, result)


@settings(max_examples=60, deadline=None)
@given(st.composite(mutated)(SHIPPED_TEXTS))
def test_a_document_of_ours_that_is_damaged_can_still_be_read(text: str) -> None:
    result = read_foreign(text, PATH)
    assert_sound(result)
    assert_nothing_lost(text, result)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_runbook_loses_no_command(name: str) -> None:
    result = read_foreign(DOCUMENTS[name], PATH)
    assert_sound(result)
    assert_nothing_lost(DOCUMENTS[name], result)

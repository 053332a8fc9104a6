"""Lists, notices and other blocks find their places in the steps."""

import pytest

from tests.unit.runbook.foreign.kept import imported, notes_of

LS = "```sh\nls\n```"


def items(text: str) -> list[list[str]]:
    return [[item.text for item in step.items] for step in imported(text).steps]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## A\n\n- [ ] a\n- [x] b\n* [X] c", [["a", "b", "c"]]),
        ("## A\n\n- [ ] a\n- plain\n", [["a"]]),
        ("## A\n\n1. a\n2. b\n   more\n   - sub\n", [["a", "b\nmore\n- sub"]]),
        ("## A\n\n- [ ] a\n  - [ ] a1\n- [ ] b", [["a", "a1", "b"]]),
        ("## A\n\n- x\n- y\n", [["Read and do"]]),
        ("## Contents\n\n1. [a](#a)\n2. [b](#b)\n\n## A\n\n- [ ] a", [["a"]]),
        ("1. [a](#a)\n2. [b](#b)\n   - [c](#c)\n\n## A\n\n- [ ] a", [["a"]]),
        (f"## A\n\n1. a\n2. b\n\n   {LS.replace(chr(10), chr(10) + '   ')}\n3. c", [["a"], ["c"]]),
        (f"## A\n\n{LS}\n\n1. a\n2. b\n", [["a", "b"]]),
        (f"## A\n\n1. a\n2. b\n\n{LS}\n", [["a", "b"], []]),
        ("## A\n\n1. a\n2. b\n   ```\n   shown\n   ```\n", [["a", "b"]]),
    ],
)
def test_what_is_to_be_done_by_hand_can_be_ticked(text: str, expected: list[list[str]]) -> None:
    assert items(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "- Look\n  ```sh\n  ls -l\n  ps\n  ```",
        "1. Look\n\n\t```sh\n\tls -l\n\tps\n\t```",
        "* one\n  * Look\n    ~~~sh\n    ls -l\n    ps\n    ~~~",
        "1.  Look\n    1.  deeper\n\n        ```sh\n        ls -l\n        ps\n        ```",
    ],
)
def test_a_fence_within_a_list_is_a_step_without_its_indentation(text: str) -> None:
    (step,) = imported(f"## A\n\n{text}\n").steps
    assert [command.script for command in step.commands] == ["ls -l\nps"]
    assert "Look" in f"{step.title} {step.prose}" or step.title == "A"


def test_items_with_commands_are_steps_with_their_titles() -> None:
    text = "## A\n\n1. Stop it:\n   ```sh\n   ls\n   ```\n2. Start it.\n   ```sh\n   ps\n   ```\n"
    assert [step.title for step in imported(text).steps] == ["A: Stop it", "A: Start it"]


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("> [!WARNING]\n> Mind it.", "warning", "Mind it."),
        ("> [!Danger] Mind it.", "caution", "Mind it."),
        (":::warning Title\n\nMind it.\n\n:::", "warning", "Title\n\nMind it."),
        (":::tip[Title]\nMind it.\n:::", "tip", "Title\n\nMind it."),
        ("::::info\n:::note\nx\n:::\n::::", "note", "**NOTE** x"),
        ('!!! danger "Title"\n    Mind it.', "caution", "Title\n    Mind it."),
    ],
)
def test_every_manner_of_notice_is_shown_before_the_command(
    text: str, kind: str, words: str
) -> None:
    (step,) = imported(f"## A\n\n{text}\n\n{LS}\n").steps
    assert [(notice.kind, notice.text) for notice in step.notices] == [(kind, words)]
    assert step.prose == ""


@pytest.mark.parametrize(
    "text",
    ["> [!UNHEARD]\n> x", ":::warning\nnever closed", "> plain", "| a |\n|---|\n| b |",
     "<div>\n<b>x</b>\n</div>", "import A from 'b'", "<Card title='x' />", "[a]: https://b",
     "***bold***", "Term\n: definition"],
)  # fmt: skip
def test_everything_else_is_shown_as_it_is(text: str) -> None:
    (step,) = imported(f"## A\n\n{text}\n\n{LS}\n").steps
    assert step.prose == text
    assert step.notices == ()


@pytest.mark.parametrize(
    "text", [f"> x\n>\n> {LS.replace(chr(10), chr(10) + '> ')}", f":::note\n{LS}\n:::"]
)
def test_a_command_in_a_quote_or_notice_is_shown_and_not_run(text: str) -> None:
    (step,) = imported(f"## A\n\n{text}\n").steps
    assert step.commands == ()
    assert LS in step.prose
    assert any("is only shown" in note for note in notes_of(f"## A\n\n{text}\n"))


def test_tabs_for_several_methods_are_one_step() -> None:
    text = (
        "import Tabs from '@theme/Tabs'\n\n## A\n\n<Tabs>\n<TabItem value='docker'>\n```sh\n"
        "docker-compose ps\n```\n</TabItem>\n<TabItem value='kubernetes'>\n\n    ```sh\n"
        "    kubectl get pods\n    ```\n</TabItem>\n</Tabs>\n"
    )
    (step,) = imported(text).steps
    assert [c.script for c in step.commands] == ["docker-compose ps", "kubectl get pods"]


def test_comments_are_not_shown_unless_they_hold_commands() -> None:
    (step,) = imported(f"## A\n\n<!-- hidden -->\n\nWords.\n\n{LS}\n").steps
    assert step.prose == "Words."
    (step,) = imported(f"## A\n\n<!--\n{LS}\n-->\n").steps
    assert (step.commands, LS in step.prose) == ((), True)


def test_a_list_nested_beyond_all_bounds_is_shown() -> None:
    deep = "\n".join("  " * depth + "- x" for depth in range(14))
    text = f"## A\n\n{deep}\n{'  ' * 14}```sh\n{'  ' * 14}rm deep\n{'  ' * 14}```\n"
    (step,) = imported(text).steps
    assert step.commands == ()
    assert "rm deep" in step.prose
    assert any("nested too deeply" in note for note in notes_of(text))

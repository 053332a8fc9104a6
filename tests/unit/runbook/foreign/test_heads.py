"""Front matter of any style gives what it can; what it cannot is told, and stops nobody."""

from datetime import timedelta

import pytest

from tests.unit.runbook.foreign.kept import imported, notes_of

BODY = "\n## A\n\n```sh\nls\n```\n"
HEADS = {
    "yaml": '---\ntitle: "T: t"\nalerts: [One, Two]\nseverity: SEV-2\nowner: db\n'
    "tags: [x, y]\n---\n",
    "toml": '+++\ntitle = "T: t"\nalerts = ["One", "Two"]\nseverity = 2\nowner = "db"\n'
    'tags = ["x", "y"]\n+++\n',
    "json": '{"title": "T: t", "alerts": ["One", "Two"],\n"severity": "P2", "owner": "db",\n'
    '"tags": ["x", "y"]}\n',
}


@pytest.mark.parametrize("style", HEADS)
def test_every_style_says_the_same(style: str) -> None:
    procedure = imported(HEADS[style] + BODY)
    assert procedure.title == "T: t"
    assert procedure.when == ("One", "Two")
    assert procedure.severity == ("P2",)
    assert procedure.roles == ("db",)
    assert procedure.intro == "Tags: x, y"
    assert notes_of(HEADS[style] + BODY) == []


@pytest.mark.parametrize(
    ("head", "note"),
    [
        ("---\ntitle: T\nsidebar_position: 3\n---\n", "3 the key 'sidebar_position' of"),
        ('+++\ntitle = "T"\nweight = 3\n+++\n', "3 the key 'weight' of"),
        ('{"title": "T",\n "draft": true}\n', "2 the key 'draft' of"),
        ("---\ntitle: T\nbad: [\n---\n", "1 the front matter is not valid YAML"),
        ("---\ntitle: T\nbad: b: c\n---\n", "1 the front matter is not valid YAML"),
        ('+++\ntitle = "T"\nbad = \n+++\n', "1 the front matter is not valid TOML"),
        ("---\ntitle: T\n" + "x: " + "[" * 600 + "\n---\n", "1 the front matter is not valid"),
    ],
)
def test_what_says_nothing_here_is_told_with_its_line(head: str, note: str) -> None:
    assert imported(head + BODY).title == "T"
    assert any(each.startswith(note) for each in notes_of(head + BODY))


@pytest.mark.parametrize(
    "head",
    ["---\n\nProse between rules.\n\n---\n", "---\n```sh\nrm\n```\n---\n", "{not json\n",
     "---\nnever: closed\n", "+++\n", '{"a": 1} text\n', "---\n- a\n- b\n---\n"],
)  # fmt: skip
def test_what_is_no_front_matter_stays_in_the_body(head: str) -> None:
    procedure = imported(head + BODY)
    word = head.split("\n")[1] if head.startswith(("-", "+")) else head.strip()
    said = "\n".join(
        [procedure.intro, procedure.title]
        + [f"{step.title}\n{step.prose}\n{step.commands}" for step in procedure.steps]
    )
    assert word.strip("`-# ").removesuffix("sh") in said


def test_severities_of_other_schemes_are_told_in_words() -> None:
    procedure = imported("---\nseverity: critical\n---\n" + BODY)
    assert (procedure.severity, procedure.intro) == ((), "Severity: critical")


def test_description_and_duration_are_used() -> None:
    procedure = imported("---\ndescription: What it is\nduration: 1h\n---\n" + BODY)
    assert (procedure.summary, procedure.duration) == ("What it is", timedelta(hours=1))


def test_nothing_that_a_head_says_lowers_a_level_or_fills_an_input() -> None:
    head = "---\nlevel: read\ninputs:\n  dir: {default: /}\n---\n"
    procedure = imported(head + "```sh\nrm -r <dir>\n```\n")
    assert procedure.inputs["dir"].default is None
    assert procedure.steps[0].commands[0].level.value == "destructive"

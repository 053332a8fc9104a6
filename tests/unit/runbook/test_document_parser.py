"""A document becomes a complete procedure, or one error that lists all that is wrong with it."""

import contextlib
import hashlib
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.environment import Method
from procedures.errors import DocumentError
from procedures.reference.levels import Level
from procedures.runbook.assertions import HealthStatus, IndicatorValue, ServiceReady
from procedures.runbook.model import Choice, Command, Input, Item, Notice, Procedure
from procedures.runbook.parser import parse

PATH = Path("catalog/tests/whole.md")
WHOLE = """\
---
id: whole
title: A whole procedure
theme: tests
summary: It has everything.
when: [ServiceDown, HighLatency]
severity: [P2, P3]
methods: [docker, kubernetes]
duration: 1h30m
roles: [on-call]
inputs:
  replicas: {type: integer, default: 3, min: 1, max: 20, help: how many}
  backup: {type: path, must_exist: true}
  tier: {type: choice, choices: [l1, l2], default: l1}
  passcode: {type: string, secret: true}
rollback: startup-rollback
reviewed: 2026-11-01
review_every: 90d
---

# A whole procedure

The intro.

## Phase 1: Act {budget=15m}

About the phase.

### Flush `it`

First words.

**Why** Because.

> [!CAUTION]
> All of it
> is lost.

```check
health status is healthy   # before
```

```sh {method=docker level=destructive affects="the cache" confirm=x timeout=2m name=x irreversible}
redis-cli FLUSHALL
```

```bash {"cwd":"/srv","method":"kubernetes","level":"destructive","affects":"the cache"}
kubectl delete pod redis-0
```

```expect
OK
…
```

```check
service has at least 2 ready
```

```wait
10m while indicator error-rate < 1%
```

```message
Flushed by {operator}.
```

```undo {level=change}
echo undone
```

```json
{"only": "shown"}
```

**If it fails** Look here.

And there.

- **Still ill?** → [cache help](../common-issues/cache-performance.md#top)
- **Well** → go on

### Flush `it`

- [ ] first
- [ ] second,
  in two lines

## Checklist

- [ ] alone
"""


def problems_of(text: str, path: Path = PATH) -> list[tuple[int, str]]:
    with pytest.raises(DocumentError) as refused:
        parse(text, path)
    return [(problem.line, problem.text) for problem in refused.value.problems]


def changed(old: str, new: str) -> str:
    assert old in WHOLE
    return WHOLE.replace(old, new, 1)


def line_of(start: str) -> int:
    """Return the number of the first line that begins with ``start``."""
    return next(n for n, line in enumerate(WHOLE.splitlines(), start=1) if line.startswith(start))


@pytest.fixture
def whole() -> Procedure:
    return parse(WHOLE, PATH)


def test_the_front_matter_fills_the_procedure(whole: Procedure) -> None:
    assert (whole.id, whole.title, whole.theme, whole.path) == (
        "whole", "A whole procedure", "tests", PATH)  # fmt: skip
    assert whole.when == ("ServiceDown", "HighLatency")
    assert whole.methods == (Method.DOCKER, Method.KUBERNETES)
    assert (whole.severity, whole.roles, whole.rollback) == (
        ("P2", "P3"), ("on-call",), "startup-rollback")  # fmt: skip
    assert whole.duration == timedelta(minutes=90)
    assert (whole.reviewed, whole.review_every) == (date(2026, 11, 1), timedelta(days=90))
    assert whole.inputs == {
        "replicas": Input(
            name="replicas", type="integer", default="3", minimum=1, maximum=20, help="how many"
        ),
        "backup": Input(name="backup", type="path", must_exist=True),
        "tier": Input(name="tier", type="choice", choices=("l1", "l2"), default="l1"),
        "passcode": Input(name="passcode", secret=True),
    }
    assert (whole.source, whole.intro) == (WHOLE, "The intro.")
    assert whole.digest == hashlib.sha256(WHOLE.encode()).hexdigest()


def test_phases_and_steps_have_titles_lines_and_ids_of_their_own(whole: Procedure) -> None:
    act, checklist = whole.phases
    assert (act.title, act.prose, act.budget) == (
        "Phase 1: Act", "About the phase.", timedelta(minutes=15))  # fmt: skip
    assert [step.id for step in whole.steps] == ["flush-it", "flush-it-2", "checklist"]
    lines = WHOLE.splitlines()
    assert [lines[step.line - 1] for step in whole.steps] == [
        "### Flush `it`", "### Flush `it`", "## Checklist"]  # fmt: skip
    assert checklist.steps[0].items == (Item(text="alone", line=len(lines)),)


def test_a_step_holds_every_part_of_its_text(whole: Procedure) -> None:
    step = whole.steps[0]
    assert step.prose == 'First words.\n\n```json\n{"only": "shown"}\n```'
    assert step.why == "Because."
    assert step.if_it_fails == "Look here.\n\nAnd there."
    assert step.notices == (
        Notice(kind="caution", text="All of it\nis lost.", line=line_of("> [!")),
    )
    assert step.expect == ("OK", "…")
    assert step.message == "Flushed by {operator}."
    assert step.choices == (
        Choice(
            label="Still ill?",
            target="cache-performance",
            line=line_of("- **Still"),
            leads_to="cache help",
        ),
        Choice(label="Well", target="", line=line_of("- **Well"), leads_to="go on"),
    )
    assert [item.text for item in whole.steps[1].items] == ["first", "second,\nin two lines"]


def test_each_method_finds_its_own_command(whole: Procedure) -> None:
    step = whole.steps[0]
    assert step.command_for(Method.DOCKER) == Command(
        script="redis-cli FLUSHALL",
        line=line_of("```sh"),
        methods=(Method.DOCKER,),
        level=Level.DESTRUCTIVE,
        affects="the cache",
        confirm="x",
        timeout_s=120.0,
        name="x",
        irreversible=True,
    )
    kubernetes = step.command_for(Method.KUBERNETES)
    assert kubernetes is not None
    assert (kubernetes.cwd, kubernetes.script) == ("/srv", "kubectl delete pod redis-0")
    assert [(undo.script, undo.level) for undo in step.undo] == [("echo undone", Level.CHANGE)]


def test_checks_before_the_command_are_preconditions(whole: Procedure) -> None:
    step = whole.steps[0]
    (before,), (after,), wait = step.preconditions, step.checks, step.wait
    assert isinstance(before, HealthStatus)
    assert isinstance(after, ServiceReady)
    assert (before.text, before.line) == ("health status is healthy", line_of("health status"))
    assert wait is not None
    assert wait.duration == timedelta(minutes=10)
    assert isinstance(wait.condition, IndicatorValue)


def test_checks_of_a_step_without_command_are_its_work() -> None:
    text = changed("- [ ] first", "```check\nhealth status is healthy\n```\n\n- [ ] first")
    (_, step, _) = parse(text, PATH).steps
    assert (len(step.checks), step.preconditions) == (1, ())


def test_windows_line_ends_change_no_line_number(whole: Procedure) -> None:
    again = parse(WHOLE.replace("\n", "\r\n"), PATH)
    assert [step.line for step in again.steps] == [step.line for step in whole.steps]


@pytest.mark.parametrize(
    ("old", "new", "where", "text"),
    [
        ("title:", "titel:", "titel:", "unknown key 'titel'"),
        ("id: whole", "id: other", "id:", "id 'other' is not the name of the file, 'whole'"),
        ("theme: tests", "theme: other", "theme:", "is not the name of the folder, 'tests'"),
        ("id: whole", "id: Whole One", "id:", "is not kebab-case"),
        ("severity: [P2", "severity: [P9", "severity", "unknown severity 'P9'"),
        ("[docker,", "[dokcer,", "methods", "unknown methods 'dokcer'"),
        ("1h30m", "soon", "duration", "duration 'soon' is not a duration"),
        ("[ServiceDown, HighLatency]", "ServiceDown", "when", "'when' must be a list"),
        ("min: 1", "min: 30", "replicas", "min 30 is above max 20"),
        ("min: 1", "min: one", "replicas", "'min' must be a whole number, not 'one'"),
        ("default: 3", "default: 33", "replicas", "default 33 is outside its limits"),
        ("must_exist: true", "must_exist: yes", "backup", "must be true or false"),
        ("type: path, must", "type: paht, must", "backup", "unknown type 'paht'"),
        ("type: path, must", "must", "backup", "'must_exist' is only for type path"),
        ("secret: true", "secret: yes", "passcode", "must be true or false"),
        ("secret: true", "secret: true, default: x", "passcode", "a secret has no default"),
        ("l2], d", "l2], secret: true, d", "tier", "'secret' is not for type choice"),
        ("  backup:", "  PATH:", "PATH", "input 'PATH' must be in small letters"),
        ("default: l1", "default: l3", "tier", "default 'l3' is none of the choices"),
        ("2026-11-01", "2026-13-01", "reviewed", "'2026-13-01' is not a date"),
        ("{budget=15m}", "{budgte=15m}", "## Phase", "a phase cannot take {budgte=15m}"),
        ("[!CAUTION]", "[!CAUTON]", "CAUTON", "unknown notice '[!CAUTON]'"),
        ("```check\nhe", "```chekc\nhe", "chekc", "'chekc' fences are only shown"),
        ("is healthy   #", "is fine   #", "fine", "'health status is fine' is not a check"),
        ("{method=docker", "{metod=docker", "metod", "unknown attribute 'metod'"),
        ("method=docker l", "method=dokcer l", "dokcer", "unknown method 'dokcer'"),
        ("method=docker l", "method=systemd l", "systemd", "the procedure is not for systemd"),
        ("method=docker l", "l", "```bash", "a second command for kubernetes"),
        ("level=destructive", "level=destructiv", "```sh", "unknown level 'destructiv'"),
        ("level=destructive", "level=change", "```sh", "'confirm' is only for a destructive"),
        ("timeout=2m", "timeout=2", "```sh", "timeout '2' is no duration"),
        ("irreversible}", "irreversible=yes}", "```sh", "must be true or false, not 'yes'"),
        ("irreversible}", "interactive=yes}", "```sh", "must be true or false, not 'yes'"),
        (' affects="the cache"', "", "```sh", "a destructive command without 'affects'"),
        ("> [!CAUTION]\n> All", "> All", "```sh", "a destructive command without a caution"),
        ("redis-cli FLUSHALL", "", "```sh", "the command is empty"),
        ("10m while", "10m until", "until", "is not a wait"),
        ("```expect", "```expect {name=x}", "```expect", "takes no attribute 'name'"),
        ("```message", "```expect\nx\n```\n```message", "```expect", "a second 'expect' fence"),
        ("- [ ] first", "- [x] first", "first", "an item that is ticked already"),
        ("- [ ] first", "- first", "first", "an item without a box"),
        ("- **Well** →", "- Well:", "Well", "an item without '→' in a decision"),
        ("performance.md#top", "x.html", "Still", "'../common-issues/cache-x.html' is not a proc"),
        ("- [ ] alone", "Prose.\n\n### Nothing", "### Nothing", "has nothing to do"),
        ("About the phase.", "```sh\nrm x\n```", "```sh", "this stands outside a step"),
        ("The intro.", "### Early", "### Early", "a step outside a phase"),
        ("First words.", "- x\n\n  ```sh\n  rm x\n  ```", "```sh", "is never acted on"),
        ("And there.", "```sh\nrm x\n```", "```sh", "would run when nothing has failed"),
        ("First words.", "#### Deeper", "#### Deeper", "a heading inside a step"),
        ("- [ ] alone", "```check\nport 1 is listening", "```check", "the fence is never closed"),
    ],
)
def test_a_mistake_is_told_with_its_line(old: str, new: str, where: str, text: str) -> None:
    document = changed(old, new)
    lines = document.splitlines()
    told = [(lines[line - 1], said) for line, said in problems_of(document)]
    assert any(where in line and text in said for line, said in told), told


def test_a_destructive_command_needs_a_way_back_or_says_there_is_none() -> None:
    text = changed("rollback: startup-rollback\n", "").replace("```undo {level=change}", "```text")
    (problem,) = problems_of(text)
    assert problem[1] == "a destructive command that nothing undoes"
    assert text.splitlines()[problem[0] - 1].startswith("```bash")


def test_all_mistakes_are_told_at_once_and_the_first_is_in_the_headline() -> None:
    text = changed("title:", "titel:").replace("timeout=2m", "timeuot=2m")
    with pytest.raises(DocumentError) as refused:
        parse(text, PATH)
    assert len(refused.value.problems) == 3
    assert refused.value.what.startswith(f"{PATH}:1: front matter lacks 'title'")
    assert refused.value.what.endswith("(and 2 more problems)")


@pytest.mark.parametrize(
    "text",
    ["", "# only a heading", "---\nid: whole\n", "---\n---\n", "---\n- a\n---\n", "---\na: [\n---",
     "---\nid: whole\ntitle: x\n---\n", "---\n" + "[" * 5000 + "\n---\n", "---\n&a [*a]\n---\n",
     "---\n? [a]\n: b\n---\n", "---\nid: whole\nid: whole\ntitle: x\n---\n", "---\n\x00\n---\n"],
)  # fmt: skip
def test_what_is_no_procedure_is_refused_with_lines(text: str) -> None:
    assert problems_of(text)


def _mutated(draw: st.DrawFn) -> str:
    lines = WHOLE.splitlines(keepends=True)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        lines[at] = draw(st.sampled_from(["", *lines]) | st.text(max_size=20))
    return "".join(lines)


@settings(max_examples=200)
@given(st.composite(_mutated)() | st.text().map(lambda text: f"---\nid: a\n---\n{text}"))
def test_a_damaged_document_is_parsed_or_refused_and_nothing_else(text: str) -> None:
    with contextlib.suppress(DocumentError):
        assert parse(text, PATH).source == text


def test_a_command_for_another_terminal_is_kept_as_such() -> None:
    procedure = parse(changed("irreversible}", "irreversible interactive background}"), PATH)
    commands = [command for step in procedure.steps for command in step.commands]
    assert [(c.interactive, c.background) for c in commands if c.irreversible] == [(True, True)]

"""A procedure whose first step runs until the tide comes in: long enough for any accident."""

from tests.e2e.console import Console
from tests.e2e.home import Home
from tests.e2e.terminal import START_S

_DOCUMENT = """\
---
id: wait-for-the-tide
title: Wait for the tide
theme: common-issues
summary: Begin, and wait.
methods: [docker]
duration: 5m
rollback: wait-for-the-tide
---
Before you begin.

## Phase 1: Wait {budget=2m}

### Cast off

```sh {level=change timeout=120s}
echo cast off >> "HOME/effects"
echo the lines are cast off
until [ -e "HOME/tide" ]; do sleep 0.05; done
echo the tide has come
```

### Look back

```sh
echo all is well
```
"""
STEP = "cast-off"
CAST_OFF = "(?<!echo )the lines are cast off"
"""What its command prints, where it is not the command itself."""
RISEN = "(?<!echo )the tide has come"


def words(home: Home) -> list[str]:
    """Return what to open a console with that shows this procedure, and a service that stays."""
    place = home.path / "runbooks" / "common-issues"
    place.mkdir(parents=True, exist_ok=True)
    text = _DOCUMENT.replace("HOME", str(home.path))
    (place / "wait-for-the-tide.md").write_text(text)
    return ["demo", "--keep", "--procedures", str(home.path / "runbooks")]


def cast_off(console: Console) -> None:
    """Begin the run, and have its first step running."""
    console.begin("Wait for the tide")
    console.confirm_change()
    console.terminal.wait_for(CAST_OFF)


def rise(home: Home) -> None:
    """Let the tide come."""
    (home.path / "tide").touch()


def consoles(home: Home) -> list[int]:
    """Return the consoles themselves, not the clients that they are reached by."""
    return [
        pid
        for pid, words in home.processes().items()
        if " -m tui demo " in words and not words.startswith("ssh ")
    ]


def kinds(home: Home) -> list[str]:
    return [event.kind for event in home.events() if event.body.get("step") == STEP]


def take_up(console: Console) -> None:
    console.terminal.wait_for("▶ wait-for-the-tide")
    console.go_to_procedures()
    console.open_row("▶ unfinished Wait for the tide", below="Procedures", skip=1)


def require_the_rest(console: Console) -> None:
    """Walk on to the end; the step has acted once, and its end is recorded."""
    console.wait_for_steps(1, 4 * START_S)
    console.terminal.press("Enter")
    console.terminal.wait_for("^ Wait for the tide  completed · ")
    assert (console.home.path / "effects").read_text() == "cast off\n"
    assert kinds(console.home) == ["step.confirmed", "step.started", "step.finished"]
    assert console.quit() == 0
    assert console.home.run("ledger", "verify").returncode == 0

"""``quarterdeck run`` as it is shipped: in a pipe, under signals, killed, beside another one."""

import json
import os
import shlex
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from tests.e2e.conftest import OpenConsole
from tests.e2e.home import Home
from tests.e2e.terminal import wait_until

pytestmark = pytest.mark.e2e

SLOW = """\
---
id: slow
title: Slow
theme: common-issues
summary: Waits for its gate.
methods: [docker]
duration: 5m
reviewed: 2026-01-01
---
Before you begin.

## Phase 1: All {budget=2m}

### Wait

```sh {level=change affects="two files"}
echo begun | tee -a "$PLACE/begun"
while ! test -e "$PLACE/gate"; do sleep 0.05; done
echo ended | tee -a "$PLACE/ended"
```

```check
file $PLACE/ended exists
```

```undo {level=destructive}
rm "$PLACE/begun" "$PLACE/ended"
```

### Look back

```sh
cat "$PLACE/ended"
```
"""
MANY = """\
---
id: many
title: Many
theme: common-issues
summary: Prints much.
methods: [docker]
duration: 5m
reviewed: 2026-01-01
---
Before you begin.

## Phase 1: All {budget=2m}

### Print

```sh
seq 20000
```

### Print again

```sh
seq 3
```
"""
TOGETHER_S = 60


class Place:
    """A home with settings and two documents."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.path = home.path
        folder = home.path / "documents" / "common-issues"
        folder.mkdir(parents=True)
        (folder / "slow.md").write_text(SLOW)
        (folder / "many.md").write_text(MANY)
        settings = home.path / ".config" / "quarterdeck" / "settings.toml"
        settings.parent.mkdir(parents=True)
        settings.write_text(
            f'[procedures]\ndirectories = ["{home.path}/documents"]\nshipped = false\n'
            '[environment.here]\ntier = "staging"\nmethod = "docker"\n'
            f'health = "http://127.0.0.1:9/health"\nfacts = {{ PLACE = "{home.path}" }}\n'
        )

    def open_gate(self) -> None:
        """Let the slow command end."""
        (self.path / "gate").touch()

    @contextmanager
    def started(self, *words: str) -> "Iterator[subprocess.Popen[str]]":
        """Start a command whose output is a pipe, as a shell in the foreground would."""
        with subprocess.Popen(
            self.home.argv(*words),
            env=self.home.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            yield process
            process.kill()

    def wait_for_command(self) -> None:
        """Wait until the slow command is under way."""
        wait_until((self.path / "begun").exists, "begin of the command")

    def lines_of(self, name: str) -> Sequence[str]:
        """Return what the command has written."""
        path = self.path / name
        return path.read_text().splitlines() if path.exists() else []

    def kinds(self) -> list[str]:
        """Return the kinds of all events."""
        return [event.kind for event in self.home.events()]

    def run_id(self) -> str:
        """Return the id of the only run."""
        return self.home.events()[0].subject


@pytest.fixture
def place(home: Home) -> Place:
    """A home in which ``slow`` and ``many`` can be walked."""
    return Place(home)


def read_until(process: "subprocess.Popen[str]", text: str) -> str:
    """Read the process's output until a line holds ``text``."""
    read = ""
    assert process.stdout is not None
    for line in process.stdout:
        read += line
        if text in line:
            return read
    raise AssertionError(f"{text!r} did not come:\n{read}")


def test_a_pipe_gets_plain_lines_and_the_exit_status(place: Place) -> None:
    place.open_gate()
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{shlex.join(place.home.argv('run', 'slow'))} | cat"],
        env=place.home.variables,
        capture_output=True,
        text=True,
        timeout=TOGETHER_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert "\r" not in done.stdout
    words = [line.split()[1] for line in done.stdout.splitlines() if not line.startswith("  ")]
    assert words == [
        *("run", "confirmed", "began", "check", "passed"),
        *("began", "passed", "completed"),
    ]
    assert "  | begun\n  | ended\n" in done.stdout
    assert place.home.processes() == {}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_command_running_and_the_same_command_takes_it_up(
    place: Place, number: signal.Signals
) -> None:
    with place.started("run", "slow") as first:
        read_until(first, "| begun")
        first.send_signal(number)
        assert first.stdout is not None
        told = first.stdout.read()
        assert first.wait(TOGETHER_S) == 128 + number
    assert "the command of step wait goes on" in told
    assert f"quarterdeck runs cancel {place.run_id()}" in told
    assert place.home.processes() != {}
    with place.started("run", "slow") as second:
        read_until(second, "| begun")
        place.open_gate()
        told = read_until(second, "is completed")
        assert second.wait(TOGETHER_S) == 0
    assert "| ended" in told
    assert place.lines_of("begun") == ["begun"]
    assert place.kinds().count("step.started") == 2
    assert place.kinds().count("run.started") == 1


def test_ctrl_c_in_a_terminal_does_not_reach_the_command(
    place: Place, open_console: OpenConsole
) -> None:
    console = open_console("run", "slow")
    console.terminal.wait_for(r"\| begun")
    console.terminal.press("C-c")
    # It reaches the shell around the command line too; what was started is in its own session.
    console.terminal.wait_for("stays open")
    wait_until(lambda: len(place.home.processes()) == 1, "end", tell=place.home.processes)
    place.open_gate()
    wait_until(lambda: place.lines_of("ended"), "end of the command")
    done = place.home.run("run", "slow")
    assert done.returncode == 0, done.stdout
    assert place.lines_of("begun") == ["begun"]


def test_a_killed_run_loses_nothing(place: Place) -> None:
    with place.started("run", "slow") as first:
        read_until(first, "| begun")
        first.kill()
    place.open_gate()
    wait_until(lambda: not place.home.processes(), "end of the command")
    done = place.home.run("run", "slow")
    assert done.returncode == 0, done.stdout
    assert place.lines_of("begun") == ["begun"]
    assert place.kinds()[-1] == "run.completed"


def test_a_reader_that_goes_away_ends_the_command_line_and_not_the_run(place: Place) -> None:
    script = f"{shlex.join(place.home.argv('run', 'many'))} | head -2; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", script],
        env=place.home.variables,
        capture_output=True,
        text=True,
        timeout=TOGETHER_S,
        check=False,
    )
    assert done.stdout.splitlines()[-1] == "141"
    assert done.stderr == ""
    wait_until(lambda: not place.home.processes(), "end of the command")
    again = place.home.run("run", "many")
    assert again.returncode == 0
    assert place.kinds().count("run.started") == 1
    assert place.kinds().count("step.started") == 2


def test_a_command_whose_supervisor_died_is_in_doubt_until_somebody_says_more(
    place: Place,
) -> None:
    with place.started("run", "slow") as first:
        read_until(first, "| begun")
        first.kill()
    wait_until(place.home.made_quiet, "end of all processes", tell=place.home.processes)
    kill_the_command(place)
    doubt = place.home.run("run", "slow")
    assert doubt.returncode == 5, doubt.stdout
    assert "add: --resolve wait=passed:NOTE or --resolve wait=failed:NOTE" in doubt.stdout
    failed = place.home.run("run", "slow", "--resolve", "wait=failed:it wrote no end")
    assert failed.returncode == 1
    place.open_gate()
    assert place.home.run("run", "slow", "--retry", "wait").returncode == 0
    assert place.lines_of("begun") == ["begun", "begun"]


def kill_the_command(place: Place) -> None:
    """Kill what the supervisor left behind when it was killed."""
    for pid in place.path.glob("state/runs/*/*/pid"):
        try:
            os.killpg(int(pid.read_text()), signal.SIGKILL)
        except ProcessLookupError:
            continue


def test_a_second_call_beside_the_first_only_says_who_drives(place: Place) -> None:
    with place.started("run", "slow") as first:
        read_until(first, "| begun")
        second = place.home.run("run", "slow")
        assert second.returncode == 7
        assert f"from process {first.pid} on" in second.stdout
        assert "add: --take-over REASON" in second.stdout
        cancelled = place.home.run("runs", "cancel", place.run_id())
        assert cancelled.returncode == 0
        assert "it was cancelled" in cancelled.stdout
        told = read_until(first, "runs resume")
        assert first.wait(TOGETHER_S) == 1
    assert "step wait failed: it was cancelled" in told


def test_a_call_that_is_overtaken_follows_and_ends(place: Place) -> None:
    with place.started("run", "slow") as first:
        read_until(first, "| begun")
        with place.started("run", "slow", "--take-over", "from my desk") as second:
            read_until(second, "| begun")
            place.open_gate()
            read_until(second, "is completed")
            assert second.wait(TOGETHER_S) == 0
        assert first.wait(TOGETHER_S) in (0, 7)
    assert place.lines_of("begun") == ["begun"]
    assert place.kinds().count("run.completed") == 1


def test_the_embedded_sandbox_is_walked_and_rehearsed_without_settings(home: Home) -> None:
    """The sandbox ends with the command, and a rehearsal leaves no record."""
    dry = home.run("run", "rolling-restart", "--dry-run", "--sandbox", "--json")
    assert dry.returncode == 0, dry.stderr
    told = json.loads(dry.stdout)
    assert (told["environment"], told["stop"]) == ("sandbox", None)
    checks = [each for step in told["steps"] for each in step["checks"]]
    assert {each["passed"] for each in checks} == {True}
    assert not (home.state / "ledger.db").exists()
    assert not (home.state / "runs").exists()
    words = ("run", "quick-commands", "--sandbox", "--choose", "what-do-you-want-to-do=1")
    done = home.run(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert home.events()[-1].kind == "run.completed"
    assert home.processes() == {}

"""``quarterdeck runs`` and ``quarterdeck approve``, run as processes."""

import json
import os
import pty
import subprocess
from contextlib import suppress

import pytest

from procedures.clock import SystemClock
from procedures.execution.policy.identity import operator_here
from procedures.execution.policy.policy import Operator, Policy
from procedures.execution.record import approvals
from tests.integration.commands.workshop import Workshop

CHANGE = """\
### Mark one

```sh {level=change affects="a file"}
echo one >> "$PLACE/marks"
```

```check
file $PLACE/marks exists
```

```undo {level=change}
echo unone >> "$PLACE/marks"
```

### Mark two

```sh {level=change affects="a file"}
echo two >> "$PLACE/marks"
```

```check
file $PLACE/marks exists
```

```undo {level=change}
echo untwo >> "$PLACE/marks"
```

### Tell

- [ ] Say it
"""
SECOND = '[[rule]]\nlevels = ["change"]\nsecond_person = true\n'


@pytest.fixture
def marks(workshop: Workshop) -> Workshop:
    """A home in which ``marks`` can be walked; it stops at its last step."""
    workshop.write("marks", CHANGE)
    return workshop


def lines(workshop: Workshop) -> list[str]:
    return (workshop.path / "marks").read_text().split()


def test_open_runs_are_listed_and_ended_ones_on_request(marks: Workshop) -> None:
    assert marks.run("run", "marks").returncode == 3
    run_id = marks.run_id()
    listed = marks.run("runs", "list")
    assert listed.stdout.startswith(f"{run_id}  here ")
    assert "open at tell (pending)" in listed.stdout
    assert "whose console has ended" in listed.stdout
    assert marks.run("run", "marks", "--tick", "tell").returncode == 0
    assert marks.run("runs", "list").stdout == ""
    assert marks.asked("runs", "list")["runs"] == []
    assert "completed" in marks.run("runs", "list", "--all").stdout
    (row,) = marks.asked("runs", "list", "--all", "-e", "here")["runs"]
    assert (row["id"], row["outcome"], row["procedure"]) == (run_id, "completed", "marks")
    assert marks.asked("runs", "list", "--all", "-e", "there")["runs"] == []


def test_a_run_tells_which_of_its_effects_stand(marks: Workshop) -> None:
    marks.run("run", "marks")
    run_id = marks.run_id()
    shown = marks.asked("runs", "show", run_id)
    assert [each["standing"] for each in shown["effects"]] == ["stands", "stands"]
    assert [each["status"] for each in shown["steps"]] == ["passed", "passed", "pending"]
    assert shown["driver"]["operator"] == operator_here().name
    assert "  stands     mark-one (change)" in marks.run("runs", "show", run_id).stdout
    missing = marks.run("runs", "show", run_id[:-1])
    assert missing.returncode == 2
    assert f"Did you mean '{run_id}'?" in missing.stderr


def test_a_run_is_undone_the_last_first_and_recorded(marks: Workshop) -> None:
    marks.run("run", "marks", "--tick", "tell")
    run_id = marks.run_id()
    undone = marks.run("runs", "undo", run_id, "--reason", "no gain")
    assert undone.returncode == 0, undone.stdout + undone.stderr
    assert lines(marks) == ["one", "two", "untwo", "unone"]
    shown = marks.asked("runs", "show", run_id)
    assert shown["outcome"] == "rolled back"
    assert [each["standing"] for each in shown["effects"]] == ["undone", "undone"]
    assert shown["rollbacks"][0]["reason"] == "no gain"
    again = marks.run("runs", "undo", run_id, "--reason", "once more")
    assert again.returncode == 2
    assert "no undo command" in again.stderr


def test_one_step_is_undone_and_done_again(marks: Workshop) -> None:
    marks.run("run", "marks")
    words = ("--reason", "twice", "--only", "mark-two", "--then-again")
    again = marks.run("runs", "undo", marks.run_id(), *words)
    assert again.returncode == 3
    assert lines(marks) == ["one", "two", "untwo", "two"]


def test_a_run_without_undo_commands_is_taken_back_by_its_rollback_procedure(
    workshop: Workshop,
) -> None:
    mark = CHANGE.split("### Mark two", maxsplit=1)[0]
    without = mark.split("```undo", maxsplit=1)[0]
    workshop.write("mark", without, more="rollback: unmark\n")
    workshop.write("unmark", mark.replace("echo one", "echo gone"))
    assert workshop.run("run", "mark").returncode == 0
    run_id = workshop.run_id()
    refused = workshop.run("runs", "undo", run_id, "--reason", "no gain")
    assert refused.returncode == 2
    assert f"quarterdeck run unmark --rolls-back {run_id}" in refused.stderr
    assert workshop.run("run", "unmark", "--rolls-back", run_id).returncode == 0
    shown = workshop.asked("runs", "show", run_id)
    assert shown["undone_by"] == workshop.run_id()
    assert [each["standing"] for each in shown["effects"]] == ["undone"]


def test_a_run_of_a_document_that_has_changed_goes_only_back(marks: Workshop) -> None:
    marks.run("run", "marks")
    marks.write("marks", CHANGE.replace("### Tell", "### Tell all"))
    changed = marks.run("run", "marks", "--tick", "tell-all")
    assert changed.returncode == 3
    assert "has changed since this run began" in changed.stdout
    assert marks.run("runs", "undo", marks.run_id(), "--reason", "it is another").returncode == 0
    assert lines(marks) == ["one", "two", "untwo", "unone"]


def test_a_step_that_the_run_does_not_have_undoes_nothing(marks: Workshop) -> None:
    marks.run("run", "marks")
    for words in (
        ["undo", "--reason", "x", "--only", "mark-tow"],
        ["resume", "--retry", "mark-tow"],
    ):
        done = marks.run("runs", words[0], marks.run_id(), *words[1:])
        assert done.returncode == 2
        assert "Did you mean 'mark-two'?" in done.stderr
    assert lines(marks) == ["one", "two"]


def test_a_way_back_that_stopped_goes_on_by_the_same_command(marks: Workshop) -> None:
    marks.run("run", "marks")
    run_id = marks.run_id()
    marks.configure(tier="production")
    words = ("runs", "undo", run_id, "--reason", "no gain")
    first = marks.run(*words)
    assert first.returncode == 4
    assert "add: --allow-destructive undo:mark-two:1.1" in first.stdout
    named = ("--allow-destructive", "mark-two", "--allow-destructive", "mark-one")
    assert marks.run(*words, *named).returncode == 0
    assert lines(marks) == ["one", "two", "untwo", "unone"]
    assert marks.kinds().count("rollback.begun") == 1


def test_a_run_whose_document_is_gone_can_be_shown_undone_and_aborted(marks: Workshop) -> None:
    marks.run("run", "marks")
    run_id = marks.run_id()
    marks.write("other", "### Look\n\n```sh\ntrue\n```\n")
    (marks.documents / "common-issues" / "marks.md").unlink()
    assert marks.run("runs", "show", run_id).returncode == 0
    assert marks.run("runs", "resume", run_id).returncode == 3
    aborted = marks.run("runs", "abort", run_id, "--reason", "obsolete")
    assert aborted.returncode == 0, aborted.stderr
    assert "these effects may stand: mark-one, mark-two" in aborted.stdout
    assert marks.asked("runs", "show", run_id)["reason"] == "obsolete"
    assert marks.run("runs", "undo", run_id, "--reason", "tidy").returncode == 0
    assert lines(marks)[-2:] == ["untwo", "unone"]
    again = marks.run("runs", "abort", run_id, "--reason", "obsolete")
    assert again.returncode == 2


def test_a_run_is_aborted_though_its_environment_is_in_no_settings(marks: Workshop) -> None:
    marks.run("run", "marks")
    text = marks.settings.read_text()
    marks.settings.write_text(text.replace("[environment.here]", "[environment.moved]"))
    assert marks.run("runs", "resume", marks.run_id()).returncode == 2
    assert marks.run("runs", "abort", marks.run_id(), "--reason", "moved").returncode == 0


def test_without_a_record_there_is_nothing_to_look_at(workshop: Workshop) -> None:
    for words in (["list"], ["show", "x"], ["abort", "x", "--reason", "y"], ["resume", "x"]):
        done = workshop.run("runs", *words)
        assert done.returncode == 2
        assert not workshop.state.joinpath("ledger.db").exists()


def grant(workshop: Workshop) -> None:
    """Approve the newest run's request as somebody else."""
    ledger = workshop.ledger()
    try:
        request = approvals.request_of(ledger.events(subject=workshop.run_id()))
        assert request is not None
        approvals.decide(
            request,
            granted=True,
            operator=Operator(name="grace-elsewhere"),
            policy=Policy(),
            ledger=ledger,
            clock=SystemClock(),
        )
    finally:
        ledger.close()


def test_a_second_person_is_waited_for_and_the_same_command_goes_on(marks: Workshop) -> None:
    marks.configure(policy=SECOND)
    first = marks.run("run", "marks")
    assert first.returncode == 6
    assert f"quarterdeck approve {marks.run_id()}" in first.stdout
    (request,) = marks.asked("approve")["requests"]
    assert (request["step"], request["level"]) == ("mark-one", "change")
    assert request["script"] == 'echo one >> "$PLACE/marks"'
    assert marks.run("run", "marks").returncode == 6
    assert marks.kinds().count("approval.requested") == 1
    grant(marks)
    assert marks.asked("approve")["requests"] == []
    assert marks.run("run", "marks").returncode == 6
    assert lines(marks) == ["one"]


def test_who_asked_cannot_approve(marks: Workshop) -> None:
    marks.configure(policy=SECOND)
    marks.run("run", "marks")
    done = marks.run("approve", marks.run_id(), "--yes")
    assert done.returncode == 2
    assert "asked for this approval and cannot give it" in done.stderr
    assert "approval.granted" not in marks.kinds()


@pytest.fixture
async def asked(marks: Workshop) -> Workshop:
    """A home in which somebody else asks for a second person."""
    await request_as("ada-elsewhere", marks)
    return marks


async def request_as(operator: str, workshop: Workshop) -> None:
    workshop.configure(policy=SECOND)
    await workshop.begun_by(operator, "marks", console="bastion-2/1/1", asks_for="mark-one")


def test_a_request_is_shown_with_what_would_run_and_needs_a_word(asked: Workshop) -> None:
    shown = asked.run("approve", asked.run_id())
    assert shown.returncode == 2
    assert "asked by  ada-elsewhere" in shown.stdout
    assert '  | echo one >> "$PLACE/marks"' in shown.stdout
    assert "Say --yes or --refuse REASON" in shown.stderr
    assert asked.run("approve").stdout.startswith(f"{asked.run_id()}  here  mark-one (change)")
    assert asked.run("approve", "--yes").returncode == 2


def test_a_request_is_approved_or_refused_for_the_record(asked: Workshop) -> None:
    decided = json.loads(asked.run("approve", asked.run_id(), "--yes", "--json").stdout)
    assert (decided["decision"], decided["asked_by"]) == ("approved", "ada-elsewhere")
    event = asked.events()[-1]
    assert (event.kind, event.operator) == ("approval.granted", operator_here().name)
    assert asked.run("approve", asked.run_id(), "--refuse", "too late").returncode == 2


def test_a_refusal_keeps_its_reason(asked: Workshop) -> None:
    done = asked.run("approve", asked.run_id(), "--refuse", "not before ten")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "refused")
    assert asked.events()[-1].body["reason"] == "not before ten"


@pytest.mark.parametrize(("typed", "status", "kind"), [
    ("yes\n", 0, "approval.granted"),
    ("y\n", 1, "approval.requested"),
])  # fmt: skip
def test_on_a_terminal_only_a_typed_yes_approves(
    asked: Workshop, typed: str, status: int, kind: str
) -> None:
    shown, ended = at_terminal(asked, ["approve", asked.run_id()], {"Type yes": typed})
    assert ended == status, shown
    assert asked.kinds()[-1] == kind


def test_on_a_terminal_a_missing_secret_is_asked_for_and_not_shown(workshop: Workshop) -> None:
    workshop.write(
        "log-in",
        '### Log in\n\n```sh\necho "length ${#password}"\n```\n',
        more="inputs:\n  password:\n    type: string\n    secret: true\n    help: Its own\n",
    )
    shown, ended = at_terminal(workshop, ["run", "log-in"], {"password: ": "tr0ub4dor\n"})
    assert ended == 0, shown
    assert "length 9" in shown
    assert "tr0ub4dor" not in shown


def at_terminal(workshop: Workshop, words: list[str], answers: dict[str, str]) -> tuple[str, int]:
    """Run a command on a terminal, answer what it asks; return what it showed and its status."""
    screen, terminal = pty.openpty()
    with subprocess.Popen(
        workshop.argv(*words),
        env=workshop.variables,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    ) as process:
        os.close(terminal)
        shown = answered(screen, answers)
    return shown, process.returncode


def answered(screen: int, answers: dict[str, str]) -> str:
    shown, left = b"", dict(answers)
    with open(screen, "r+b", buffering=0) as stream, suppress(OSError):
        while part := stream.read(4096):
            shown += part
            for question in [each for each in left if each.encode() in shown]:
                stream.write(left.pop(question).encode())
    return shown.decode()

"""``quarterdeck run``, run as a process: where it stops, what it says, and how it goes on."""

import json
from pathlib import Path

import pytest

from procedures.execution.policy.identity import operator_here
from tests.integration.commands.workshop import Workshop

TIDY_UP = """\
### Say hello

```sh {name=hello}
test -n "$word"
printf "hello\\n\\033[31mred\\033[0m\\n"
```

```expect
hello
```

### Touch the world

> [!CAUTION]
> The marker is replaced.

```check
file $PLACE exists
```

```sh {level=destructive affects="the marker file" confirm=marker}
echo done >> "$PLACE/marker"
```

```check
file $PLACE/marker exists
```

```undo {level=destructive}
rm "$PLACE/marker"
```

### Tell the team

- [ ] Say it in the channel
- [ ] Write it down

### Where to go

- **All well?** → go on
- **Not well?** → go on
"""
WORD = "inputs:\n  word:\n    type: string\n    default: hello\n"
HIDDEN = "inputs:\n  password:\n    type: string\n    secret: true\n    help: Of the service\n"
FLAKY = """\
### Try

```sh {level=change affects="a file"}
echo x >> "$PLACE/tries"
test -e "$PLACE/works"
```

```check
file $PLACE/tries exists
```

```undo {level=destructive}
rm "$PLACE/tries"
```
"""
LOG_IN = """\
### Log in

```sh
echo "length ${#password}"
echo "it is $password"
```
"""
FIELDS = {
    "run": {"resumed", "procedure", "title", "environment", "method", "operator", "inputs"},
    "began": {"step", "title", "level", "attempt"},
    "output": {"step", "text"},
    "check": {"step", "check", "passed", "detail"},
    "wait": {"step", "remaining_s", "holding"},
    "turn": {"step", "turn", "detail"},
    "ended": {"step", "status", "exit_code", "reason"},
    "halt": {"halt", "outcome", "step", "what", "option", "fix", "exit_status", "unshared"},
    "error": {"what", "fix"},
    "left": {"step", "command_goes_on"},
}
"""What each event carries, besides ``event``, ``at`` and ``run``."""


@pytest.fixture
def tidy(workshop: Workshop) -> Workshop:
    """A home in which ``tidy-up`` can be walked."""
    workshop.write("tidy-up", TIDY_UP, more=WORD)
    return workshop


def test_the_same_command_goes_on_with_what_is_added_until_the_run_is_completed(
    tidy: Workshop,
) -> None:
    first = tidy.run("run", "tidy-up")
    assert first.returncode == 4
    assert "  | hello\n  | red\n" in first.stdout
    assert "\x1b" not in first.stdout
    assert "add: --allow-destructive touch-the-world" in first.stdout
    assert not (tidy.path / "marker").exists()
    named = ("--allow-destructive", "touch-the-world")
    second = tidy.run("run", "tidy-up", *named)
    assert second.returncode == 3
    assert "hello" not in second.stdout.replace("word=hello", "")
    assert "add: --tick tell-the-team" in second.stdout
    third = tidy.run("run", "tidy-up", *named, "--tick", "tell-the-team")
    assert third.returncode == 3
    assert "add: --choose where-to-go=N" in third.stdout
    last = tidy.run("run", "tidy-up", "--choose", "where-to-go=All well?")
    assert last.returncode == 0
    assert last.stdout.splitlines()[-1].endswith("is completed")
    assert (tidy.path / "marker").read_text() == "done\n"
    assert tidy.kinds().count("run.started") == 1
    assert tidy.kinds()[-1] == "run.completed"


def test_every_line_of_json_has_the_fields_that_programs_rely_on(tidy: Workshop) -> None:
    status, lines = tidy.told(
        *("run", "tidy-up", "--allow-destructive", "touch-the-world"),
        *("--tick", "tell-the-team", "--choose", "where-to-go=2"),
    )
    assert status == 0
    assert [line["event"] for line in lines] == [
        *("run", "began", "output", "check", "ended"),
        *("turn", "began", "check", "ended"),
        *("turn", "turn", "halt"),
    ]
    for line in lines:
        assert set(line) == {"event", "at", "run"} | FIELDS[line["event"]]
        assert line["run"] == lines[0]["run"]
    assert lines[0]["inputs"] == {"word": "hello"}
    assert (lines[1]["step"], lines[1]["level"]) == ("say-hello", "read")
    assert lines[2]["text"] == "hello\nred\n"
    assert (lines[4]["status"], lines[4]["exit_code"]) == ("passed", 0)
    assert (lines[-1]["halt"], lines[-1]["exit_status"]) == ("completed", 0)
    assert lines[-1]["outcome"] == "completed"


def test_programs_are_told_on_standard_output_why_nothing_began(tidy: Workshop) -> None:
    status, (line,) = tidy.told("run", "tidy-up", "--input", "wort=x")
    assert status == 2
    assert set(line) == {"event", "at", "run"} | FIELDS["error"]
    assert (line["event"], line["run"]) == ("error", "")
    assert "wort: there is no such input" in line["what"]


def test_a_dry_run_executes_and_records_nothing(tidy: Workshop) -> None:
    done = tidy.run("run", "tidy-up", "--dry-run")
    assert done.returncode == 0
    assert "asks for the word 'marker'" in done.stdout
    assert "ok: file $PLACE exists" in done.stdout
    assert "--allow-destructive touch-the-world --tick tell-the-team" in done.stdout
    plain = tidy.asked("run", "tidy-up", "--dry-run", "--input", "word=moin")
    assert plain["inputs"] == {"word": "moin"}
    assert [each["id"] for each in plain["steps"]][1] == "touch-the-world"
    assert plain["steps"][1]["command"]["level"] == "destructive"
    assert not (tidy.state / "ledger.db").exists()
    assert not (tidy.state / "runs").exists()
    assert not (tidy.path / "marker").exists()


def test_a_dry_run_tells_by_its_exit_status_what_would_stop_the_run(workshop: Workshop) -> None:
    workshop.write("tidy-up", TIDY_UP.replace("file $PLACE exists", "file $PLACE/no exists"),
                   more=WORD)  # fmt: skip
    done = workshop.run("run", "tidy-up", "--dry-run")
    assert done.returncode == 3
    assert "The run would stop at touch-the-world (precondition)" in done.stdout
    workshop.write("flaky", FLAKY, more="inputs:\n  db:\n    type: string\n")
    done = workshop.run("run", "flaky", "--dry-run")
    assert done.returncode == 2
    assert "db: a value is needed" in done.stdout


def test_a_run_begins_at_a_later_step_with_a_reason_on_record(tidy: Workshop) -> None:
    words = ("run", "tidy-up", "--from", "tell-the-team")
    refused = tidy.run(*words)
    assert refused.returncode == 2
    assert "Add --reason TEXT" in refused.stderr
    answers = ("--tick", "tell-the-team", "--choose", "where-to-go=1")
    assert tidy.run(*words, "--reason", "done by hand", *answers).returncode == 0
    steps = tidy.asked("runs", "show", tidy.run_id())["steps"]
    assert [each["status"] for each in steps] == ["skipped", "skipped", "passed", "passed"]
    assert steps[0]["reason"] == "done by hand"


def test_a_failed_step_fails_the_command_until_it_is_retried(workshop: Workshop) -> None:
    workshop.write("flaky", FLAKY)
    failed = workshop.run("run", "flaky")
    assert failed.returncode == 1
    assert "add: --retry try" in failed.stdout
    assert workshop.run("run", "flaky").returncode == 1
    assert (workshop.path / "tries").read_text() == "x\n"
    (workshop.path / "works").touch()
    assert workshop.run("run", "flaky", "--retry", "try").returncode == 0
    assert (workshop.path / "tries").read_text() == "x\nx\n"


def test_a_run_goes_on_only_with_the_inputs_that_it_was_begun_with(tidy: Workshop) -> None:
    begun = ("run", "tidy-up", "--input", "word=hello there")
    assert tidy.run(*begun).returncode == 4
    other = tidy.run("run", "tidy-up")
    assert other.returncode == 2
    assert "was begun with word=hello there, not hello" in other.stderr
    assert tidy.run(*begun).returncode == 4
    assert tidy.run("runs", "resume", tidy.run_id()).returncode == 4
    other = tidy.run("runs", "resume", tidy.run_id(), "--input", "word=hi")
    assert other.returncode == 2
    assert tidy.kinds().count("run.started") == 1
    assert tidy.run("run", "tidy-up", "--insist").returncode == 4
    assert tidy.kinds().count("run.started") == 2
    several = tidy.run("run", "tidy-up")
    assert several.returncode == 2
    assert "several runs of tidy-up are open" in several.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing"], "there is no procedure 'nothing'"),
        (["tidy-up", "--tick", "tell-the-tea"], "Did you mean 'tell-the-team'?"),
        (["tidy-up", "--from", "x", "--reason", "y"], "tidy-up has no step 'x'"),
        (["tidy-up", "--input", "wort=x"], "wort: there is no such input"),
        (["tidy-up", "--input", "word"], "a name and a value are needed"),
        (["tidy-up", "--input", "word=a", "--input", "word=b"], "given twice"),
        (["tidy-up", "--skip", "say-hello"], "--skip: a name and a value are needed"),
        (["tidy-up", "--resolve", "say-hello=maybe"], "not clear how the command ended"),
        (["tidy-up", "--secret", "word=env:X"], "has no secret input word"),
        (["tidy-up", "-e", "elsewhere"], "holds no environment 'elsewhere'"),
    ],
)
def test_what_is_not_understood_begins_nothing(tidy: Workshop, words: list[str], said: str) -> None:
    done = tidy.run("run", *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tidy.state / "ledger.db").exists() or tidy.kinds() == []


def test_a_secret_is_never_taken_from_the_command_line_and_never_kept(
    workshop: Workshop, tmp_path: Path
) -> None:
    workshop.write("log-in", LOG_IN.replace("it is $password", "ok"), more=HIDDEN)
    refused = workshop.run("run", "log-in", "--input", "password=correct-horse-battery")
    assert refused.returncode == 2
    assert "correct-horse-battery" not in refused.stderr
    assert "every user of this machine could read it" in refused.stderr
    refused = workshop.run("run", "log-in", "--secret", "password=correct-horse-battery")
    assert refused.returncode == 2
    assert "correct-horse-battery" not in refused.stderr
    refused = workshop.run("run", "log-in")
    assert refused.returncode == 2
    assert "--secret password=SOURCE" in refused.stderr
    by_variable = workshop.run(
        "run", "log-in", "--secret", "password=env:PW", PW="correct-horse-battery"
    )
    assert by_variable.returncode == 0
    assert "  | length 21\n" in by_variable.stdout
    kept = tmp_path / "password"
    kept.write_text("correct-horse-battery\n")
    by_file = workshop.run("run", "log-in", "--secret", f"password=file:{kept}")
    assert by_file.returncode == 0
    assert "  | length 21\n" in by_file.stdout
    for path in workshop.state.rglob("*"):
        assert path.is_dir() or b"correct-horse" not in path.read_bytes(), path


def test_a_secret_that_a_command_prints_is_masked(workshop: Workshop) -> None:
    path = workshop.write("log-in", LOG_IN, more=HIDDEN)
    # The rules refuse such a document; what comes through all the same is masked.
    assert workshop.run("lint", str(path)).returncode == 1
    done = workshop.run("run", "log-in", "--secret", "password=env:PW", PW="correct-horse-battery")
    assert "correct-horse" not in done.stdout + done.stderr


def test_read_only_runs_nothing_that_changes(workshop: Workshop) -> None:
    workshop.write("flaky", FLAKY)
    done = workshop.run("--read-only", "run", "flaky")
    assert done.returncode == 4
    assert "read-only" in done.stdout
    assert not (workshop.path / "tries").exists()


def test_production_wants_a_change_to_be_named(workshop: Workshop) -> None:
    workshop.configure(tier="production")
    workshop.write("flaky", FLAKY)
    assert workshop.run("run", "flaky").returncode == 4
    assert workshop.run("run", "flaky", "--allow-destructive", "try").returncode == 1


async def test_a_run_of_somebody_else_is_taken_over_only_with_a_reason(tidy: Workshop) -> None:
    run_id = await tidy.begun_by("ada-elsewhere", "tidy-up", console="bastion-2/1/1")
    refused = tidy.run("run", "tidy-up")
    assert refused.returncode == 7
    assert "ada-elsewhere drives run" in refused.stderr
    assert "--take-over REASON" in refused.stderr
    assert tidy.run("runs", "resume", run_id).returncode == 7
    taken = tidy.run("run", "tidy-up", "--take-over", "she is asleep")
    assert taken.returncode == 4
    shown = tidy.asked("runs", "show", run_id)
    assert shown["driver"]["operator"] == operator_here().name
    assert tidy.kinds().count("run.started") == 1


def test_a_policy_that_cannot_be_understood_lets_nothing_run(tidy: Workshop) -> None:
    tidy.configure(policy="[[rule]]\nsecond_person = true\noperatrs = ['ada']\n")
    for words in (["run", "tidy-up"], ["run", "tidy-up", "--dry-run"], ["policy"]):
        done = tidy.run(*words)
        assert done.returncode == 2
        assert "policy.toml:3: rule 1: 'operatrs' is not known here" in done.stderr
        assert "Did you mean 'operators'?" in done.stderr


def test_the_policy_in_force_is_told_with_its_source(tidy: Workshop) -> None:
    assert tidy.run("policy").stdout.startswith("from                   what is built in")
    tidy.configure(policy='approval_expires = "5m"\n[[rule]]\nsecond_person = true\n')
    told = tidy.asked("policy")
    assert told["source"] == str(tidy.path / "policy.toml")
    assert told["approval_expires_s"] == 300
    assert told["rules"][0]["second_person"]
    assert "a second person approves each" in tidy.run("policy").stdout
    checked = tidy.run("policy", "check", str(tidy.path / "policy.toml"))
    assert (checked.returncode, checked.stdout.split(": ")[1]) == (0, "can be used, 1 rule\n")
    broken = tidy.path / "broken.toml"
    broken.write_text("[[rule]]\nread_only = yes\n")
    done = tidy.run("policy", "check", str(broken))
    assert done.returncode == 2
    assert "line 2" in done.stderr


def test_the_help_tells_every_exit_status(tidy: Workshop) -> None:
    for words in (["run"], ["runs", "resume"], ["runs", "undo"]):
        told = tidy.run(*words, "--help").stdout
        for status in ("0", "1", "2", "3", "4", "5", "6", "7", "130"):
            assert f"\n  {status:<3}  " in told


def test_json_stays_pure_ascii_and_one_object_a_line(workshop: Workshop) -> None:
    workshop.write(
        "odd", '### Print\n\n```sh\nprintf "\\342\\200\\256a\\rb\\x1b]0;t\\x07\\n"\n```\n'
    )
    done = workshop.run("run", "odd", "--json")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert all(isinstance(json.loads(line), dict) for line in done.stdout.splitlines())

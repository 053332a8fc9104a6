"""A fence of commands becomes what an operator would run of it, and nothing else."""

import pytest

from procedures.environment import Method
from procedures.reference.levels import Level
from procedures.runbook.foreign.drafts import BY_HAND
from tests.unit.runbook.foreign.kept import imported, notes_of, scripts

DOCKER, KUBERNETES, SYSTEMD = Method


def fence(script: str, language: str = "sh") -> str:
    return f"```{language}\n{script}\n```\n"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("ls", [["ls"]]),
        ("# 1. a\nls\n# 2. b\nps", [["# 1. a\nls"], ["# 2. b\nps"]]),
        ("# 1) a\nls\n\n# 2) b\nps", [["# 1) a\nls"], ["# 2) b\nps"]]),
        ("# Step 1: a\nls\n# step 2 - b\nps", [["# Step 1: a\nls"], ["# step 2 - b\nps"]]),
        ("set -euo pipefail\n# 1. a\nls\n# 2. b\nps",
         [["set -euo pipefail\n# 1. a\nls"], ["# 2. b\nps"]]),
        ("# 1. a\nls", [["# 1. a\nls"]]),
        ("ls # 1. a\nps # 2. b", [["ls # 1. a\nps # 2. b"]]),
        ("# 10.0.0.1 a\nls\n# 10.0.0.2 b\nps", [["# 10.0.0.1 a\nls\n# 10.0.0.2 b\nps"]]),
        ("cat <<E\n# 1. a\n# 2. b\n# or\nE", [["cat <<E\n# 1. a\n# 2. b\n# or\nE"]]),
        ("for a in 1; do\n# 1. a\nls\n# 2. b\nps\ndone",
         [["for a in 1; do\n# 1. a\nls\n# 2. b\nps\ndone"]]),
        ("# 1. a\nA=1\n# 2. b\necho $A", [["# 1. a\nA=1\n# 2. b\necho $A"]]),
        ("# 1. a\ncd /srv\n# 2. b\nls", [["# 1. a\ncd /srv\n# 2. b\nls"]]),
        ("# 1. a\nls <a-b>\n# 2. b\nps", [['# 1. a\nls "$a_b"'], ["# 2. b\nps"]]),
        ("# only words", [[]]),
        ("", [[]]),
    ],
)  # fmt: skip
def test_numbered_comments_make_steps_of_whole_commands(
    script: str, expected: list[list[str]]
) -> None:
    assert scripts(f"## A\n{fence(script)}") == expected


def test_each_numbered_step_has_its_title_and_line() -> None:
    steps = imported("## A\n" + fence("# 1. Look at it\nls\n# 2. Then list\nps")).steps
    assert [step.title for step in steps] == ["A: Look at it", "A: Then list"]
    assert [step.commands[0].line for step in steps] == [2, 4]


def ways(text: str) -> list[list[tuple[str, list[Method]]]]:
    return [
        [(command.script.split("\n")[-1], list(command.methods)) for command in step.commands]
        for step in imported(text).steps
    ]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("docker-compose ps\n# or\nkubectl get pods\n# OR:\nsystemctl status x",
         [[("docker-compose ps", [DOCKER]), ("kubectl get pods", [KUBERNETES]),
           ("systemctl status x", [SYSTEMD])]]),
        ("docker compose ps\n\n# --- or, on a cluster ---\n\nsudo -n kubectl get pods",
         [[("docker compose ps", [DOCKER]), ("sudo -n kubectl get pods", [KUBERNETES])]]),
        ("ls\n# or\nkubectl get pods",
         [[("ls", [DOCKER, SYSTEMD]), ("kubectl get pods", [KUBERNETES])]]),
        ("ls\n# or\nps", [[("ls", [])]]),
        ("kubectl get a\n# alternatively\nkubectl get b", [[("kubectl get a", [KUBERNETES])]]),
        ("uptime\n\ndocker ps\n# or\nkubectl get pods\n\ndf",
         [[("uptime", [])], [("docker ps", [DOCKER]), ("kubectl get pods", [KUBERNETES])],
          [("df", [])]]),
        ("# Docker\ndocker ps\n\n# With Kubernetes:\nkubectl get pods",
         [[("docker ps", [DOCKER]), ("kubectl get pods", [KUBERNETES])]]),
        ("# Docker\nsystemctl restart docker\n# Kubernetes\nsystemctl restart kubelet",
         [[("systemctl restart kubelet", [SYSTEMD])]]),
        ("A=1\n\nls\n# or\necho $A", [[]]),
        ("if [ ; then\nls\n# or\nps", [[]]),
    ],
)  # fmt: skip
def test_of_alternatives_one_is_run(
    script: str, expected: list[list[tuple[str, list[Method]]]]
) -> None:
    text = f"## A\n{fence(script)}"
    cleaned = [[(line.strip(), methods) for line, methods in step] for step in ways(text)]
    assert cleaned == expected


def test_an_alternative_that_is_not_run_is_shown() -> None:
    (step,) = imported("## A\n" + fence("ls\n# or\nps")).steps
    assert step.prose == "```sh\n# or\nps\n```"


@pytest.mark.parametrize("label", ["Or:", "or", "Alternatively, with systemd:", "**Kubernetes**"])
def test_a_fence_for_another_method_joins_the_step_before(label: str) -> None:
    text = f"## A\n{fence('docker-compose ps')}\n{label}\n\n{fence('kubectl get pods')}"
    (step,) = ways(text)
    assert step == [("docker-compose ps", [DOCKER]), ("kubectl get pods", [KUBERNETES])]


def test_a_step_for_several_methods_is_called_by_its_heading() -> None:
    one, other = fence("docker-compose ps"), fence("kubectl get pods")
    text = f"## A\n\n**Docker**\n\n{one}\n**Kubernetes**\n\n{other}\nThen:\n\n{fence('ls')}"
    assert [step.title for step in imported(text).steps] == ["A", "A: Then"]


def test_a_fence_that_is_an_alternative_is_never_run_as_well() -> None:
    text = f"## A\n{fence('rm <a>')}\nOr:\n\n{fence('rm -r <b>')}"
    (step,) = imported(text).steps
    assert [command.script for command in step.commands] == ['rm "$a"']
    assert "rm -r <b>" in step.prose
    assert list(imported(text).inputs) == ["a"]


def test_commands_one_after_another_are_steps_whatever_their_tools() -> None:
    text = f"## A\n{fence('kubectl drain x')}\nThen:\n\n{fence('systemctl restart kubelet')}"
    assert ways(text) == [[("kubectl drain x", [KUBERNETES])],
                          [("systemctl restart kubelet", [SYSTEMD])]]  # fmt: skip


@pytest.mark.parametrize(
    "script",
    ["kubectl get x; docker ps", "curl -s localhost", "docker build .", "echo kubectl",
     "ssh node systemctl restart x"],
)  # fmt: skip
def test_a_command_of_no_single_method_is_for_any(script: str) -> None:
    (step,) = imported(fence(script)).steps
    assert [command.methods for command in step.commands] == [()]


@pytest.mark.parametrize(
    ("text", "methods"),
    [
        (fence("kubectl get x"), (KUBERNETES,)),
        (fence("docker ps\n# or\nkubectl get x"), (DOCKER, KUBERNETES)),
        (fence("ls\n# or\nkubectl get x"), tuple(Method)),
        (fence("kubectl get x") + "\nThen:\n\n" + fence("ls"), tuple(Method)),
        ("- [ ] look", tuple(Method)),
    ],
)
def test_a_runbook_is_for_the_methods_that_can_do_something_by_it(
    text: str, methods: tuple[Method, ...]
) -> None:
    assert imported(text).methods == methods


@pytest.mark.parametrize(
    ("language", "text", "script", "printed"),
    [
        ("console", "$ ls\na\n$ ps\nb", "ls\nps", "a\nb"),
        ("sh", "$ ls", "ls", ""),
        ("bash", "# look\n$ ls\n# HELP is output?", "# look\nls\n# HELP is output?", ""),
        ("bash", "$ ls\nout\n# HELP x", "ls", "out\n# HELP x"),
        ("", "$ ls\nout", "ls", "out"),
        ("shell-session", "root@a:~# ls \\\n> -l\ntotal", "ls \\\n-l", "total"),
        ("console", "[me@a srv]$ cat <<EOF\n> $ x\n> EOF\n$ x", "cat <<EOF\n$ x\nEOF\nx", ""),
        ("console", "$ echo 'a\n> b'\na", "echo 'a\nb'", "a"),
        ("console", "$ curl x\n  % Total    % Received", "curl x", "  % Total    % Received"),
        ("console", "kubectl get pods", "kubectl get pods", ""),
    ],
)
def test_of_a_transcript_only_what_was_typed_is_run(
    language: str, text: str, script: str, printed: str
) -> None:
    (step,) = imported(f"## A\n{fence(text, language)}").steps
    assert [command.script for command in step.commands] == [script]
    assert step.prose == (f"```text\n{printed}\n```" if printed else "")
    assert step.expect == ()


def test_the_output_of_a_transcript_is_expected_only_where_that_is_said() -> None:
    (step,) = imported("## A\n\nExpected output:\n\n```console\n$ ls\na ...\n```\n").steps
    assert step.expect == ("a …",)


@pytest.mark.parametrize(
    "lead", ["Expected output:", "**Expected output**", "#### Expected result", "Expected:",
             "This is the expected output:"],
)  # fmt: skip
@pytest.mark.parametrize("language", ["", "text", "json"])
def test_what_is_called_expected_output_must_be_printed(lead: str, language: str) -> None:
    output = fence("x  <id>\n\n...", language)
    text = f"## A\n{fence('ls')}\n{lead}\n\n{output}"
    (step,) = imported(text).steps
    assert step.expect == ("x  …", "…")


def test_other_output_is_only_shown() -> None:
    (step,) = imported(f"## A\n{fence('ls')}\nYou may see:\n\n{fence('x', 'text')}").steps
    assert (step.expect, step.prose) == ((), "You may see:\n\n```text\nx\n```")


def test_commands_below_expected_output_are_not_run() -> None:
    (step,) = imported(f"## A\n{fence('ls')}\nExpected output:\n\n{fence('rm x')}").steps
    assert [command.script for command in step.commands] == ["ls"]
    assert "rm x" in step.prose


@pytest.mark.parametrize("language", ["", "text", "yaml", "powershell", "check", "undo", "wait"])
def test_what_is_no_shell_is_never_run(language: str) -> None:
    (step,) = imported(f"## A\n{fence('ls', language)}").steps
    assert (step.commands, step.undo, step.checks) == ((), (), ())
    assert step.prose == f"```{language}\nls\n```"


@pytest.mark.parametrize(
    "info",
    ["bash", "shell", "zsh", "Bash", "sh title='x'", '{.bash .numberLines}', "bash {1,3}",
     "shell script", 'sh {"name":"x"}', "bash:title"],
)  # fmt: skip
def test_a_shell_is_known_in_every_manner(info: str) -> None:
    assert scripts(fence("ls", info)) == [["ls"]]


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("```sh\nls\n", "1 a command is only shown: its fence is never closed"),
        (fence("ls \x1b[31m"), "1 a command is only shown: it holds control characters"),
        (fence("ls \x00"), "1 a command is only shown: it holds control characters"),
        (fence("l\u202es"), "1 a command is only shown: it holds control characters"),
        (fence("ls\n" * 9000), "1 a command is only shown: it is too long to analyse"),
        (fence("<" * 300), "1 a command is only shown: it is too long to analyse"),
        (fence("ls", "sh {background=true}"), "1 a command is only shown: it stays behind"),
        (fence("ls", 'sh {"interactive":"true"}'), "1 a command is only shown: it asks for a key"),
        (fence("x", "console"), "1 a transcript without a prompt is only shown"),
        (fence("kubectl get x", ""), "1 a fence without a language is only shown"),
        ("<!--\n```sh\nls\n```\n-->\n\n- [ ] x", "1 commands in a comment are only shown"),
    ],
)
def test_what_cannot_be_run_safely_is_shown_with_a_note(text: str, note: str) -> None:
    procedure = imported(text)
    assert not any(step.commands for step in procedure.steps)
    assert any(each.startswith(note) for each in notes_of(text)), notes_of(text)


def test_what_must_be_run_by_hand_is_a_step_of_its_own() -> None:
    text = f"## A\n{fence('ls')}\n{fence('sleep', 'sh {background=true}')}\n{fence('ps')}"
    _, by_hand, _ = imported(text).steps
    assert [item.text for item in by_hand.items] == [BY_HAND]
    assert by_hand.prose == "```sh\nsleep\n```"


@pytest.mark.parametrize(
    ("script", "info", "level"),
    [
        ("ls", "sh", Level.READ),
        ("rm -rf /srv", "sh {level=read}", Level.DESTRUCTIVE),
        ("ls", "sh {level=destructive}", Level.DESTRUCTIVE),
        ("if [", "sh", Level.DESTRUCTIVE),
        ("some-tool-of-ours", "sh", Level.CHANGE),
    ],
)
def test_the_analysis_decides_how_dangerous_a_command_is(
    script: str, info: str, level: Level
) -> None:
    (step,) = imported(fence(script, info)).steps
    (command,) = step.commands
    assert command.level is level
    assert [n.kind for n in step.notices] == ["caution"] * (level is Level.DESTRUCTIVE)
    assert bool(command.affects) is (level is not Level.READ) or "level=" in info

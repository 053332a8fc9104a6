"""What an author left to be filled in becomes a variable, in whatever quotes it stands."""

import os
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.runbook.foreign.filling import filled
from procedures.runbook.foreign.naming import Naming
from tests.unit.runbook.foreign.kept import imported, notes_of

NASTY = """it's a "value" $HOME `x` \\n * ~ $(rm) !"""

FILLED = [
    ("kubectl logs <pod-name> -f", 'kubectl logs "$pod_name" -f'),
    ("kubectl get po -l app=<app>,x=<X_Y>", 'kubectl get po -l app="$app",x="$x_y"'),
    ("ls /srv/<dir>/x_<n>.log", 'ls /srv/"$dir"/x_"$n".log'),
    ('echo "<pod-name>"', 'echo "$pod_name"'),
    ('echo "a<pod-name>b"', 'echo "a${pod_name}b"'),
    ("echo 'a <pod-name>'", "echo 'a '\"$pod_name\"''"),
    ("cat <<EOF\n<x> <y>c\nEOF", "cat <<EOF\n$x ${y}c\nEOF"),
    ("cat <<EOF\n$(ls <a>)\nEOF", 'cat <<EOF\n$(ls "$a")\nEOF'),
    ('echo "$(ls <a>)"', 'echo "$(ls "$a")"'),
    ("export NS=<namespace>", 'export NS="$namespace"'),
    ("kubectl get <pod> > out.txt", 'kubectl get "$pod" > out.txt'),
    ("ls <your pod name here>", 'ls "$your_pod_name_here"'),
    ("ls backup_YYYYMMDD.tar", 'ls backup_"$yyyymmdd".tar'),
    ("ls b-YYYY-MM-DD", 'ls b-"$yyyy_mm_dd"'),
    ("ls {{ name }} {{other_name}}", 'ls "$name" "$other_name"'),
    ("aws s3 ls s3://your-bucket/x", 'aws s3 ls s3://"$your_bucket"/x'),
    ("x --token YOUR_TOKEN", 'x --token "$your_token"'),
    ("x CHANGE_ME", 'x "$change_me"'),
    ("ssh <user@host>", 'ssh "$user_host"'),
    ("ls <a> # not <b>", 'ls "$a" # not <b>'),
    ("kill <PID> && kill <pid>", 'kill "$pid" && kill "$pid"'),
    ("[[ x =~ <pattern> ]]", '[[ x =~ "$pattern" ]]'),
    ("ls <1st>", 'ls "$value_1st"'),
    ("ls <имя>", 'ls "$value"'),
]
KEPT = [
    "sort < in > out", "cat <<EOF\nx\nEOF", "diff <(ls) <(ls -a)", "cat <<<x", "ls 2>&1 <&3",
    "cat <in 2>/dev/null", "cat <in >out", "docker ps --format '{{.Names}}'", "echo '<b>x</b>'",
    "docker images | grep '<none>'", "awk '{ if ($1 < 3 && $2 > 4) print }'", "date +%YYYYY",
    "cat <<'EOF'\n<html>\nEOF", "echo $YOUR_NAME", "helm template '{{ end }}'", "mktemp x.XXXXXX",
    'echo "<br>"', "grep '\\<word\\>' x", "YOUR_NAME=x", "ls # <a>",
]  # fmt: skip
UNSAFE = [
    "cat <<'EOF'\n<name>\nEOF", "cat <<\\EOF\n<name>\nEOF", "echo `ls <name>`", "echo $((<n> + 1))",
    "echo ${x:-<name>}", "echo $'a <name>'", "<name>=x", "sort <in>out",
    "if [ <x> ; then", "echo 'open <name>", "ls <pod>>x", "[[ x == <pattern> ]]", "ls <a>\u00a0b",
]  # fmt: skip


@pytest.mark.parametrize(("script", "expected"), FILLED)
def test_a_placeholder_becomes_a_variable(script: str, expected: str) -> None:
    assert filled(script, Naming(script)).script == expected
    procedure = imported(f"```sh\n{script}\n```\n")
    assert [command.script for command in procedure.steps[0].commands] == [expected]
    assert procedure.inputs
    assert all(each.default is None and each.type == "string" for each in procedure.inputs.values())


@pytest.mark.parametrize("script", KEPT)
def test_what_is_no_placeholder_stays_as_it_is(script: str) -> None:
    procedure = imported(f"```sh\n{script}\n```\n")
    assert [command.script for command in procedure.steps[0].commands] == [script]
    assert procedure.inputs == {}


@pytest.mark.parametrize("script", UNSAFE)
def test_where_no_variable_may_stand_the_command_is_only_shown(script: str) -> None:
    text = f"```sh\n{script}\n```\n"
    procedure = imported(text)
    (step,) = procedure.steps
    assert step.commands == ()
    assert script in step.prose
    assert procedure.inputs == {}
    assert any("a command is only shown" in note for note in notes_of(text))


@pytest.mark.parametrize(
    ("script", "printed"),
    [
        ("printf '[%s]' <a-b>", f"[{NASTY}]"),
        ("printf '[%s]' x<a-b>-y", f"[x{NASTY}-y]"),
        ('printf "[%s]" "x <a-b>y"', f"[x {NASTY}y]"),
        ("printf '[%s]' 'x <a-b>'", f"[x {NASTY}]"),
        ("cat <<EOF\nx <a-b>y\nEOF", f"x {NASTY}y\n"),
        ('cat <<EOF\n$(printf %s "<a-b>")\nEOF', f"{NASTY}\n"),
        ("printf '[%s]' \"$(printf %s <a-b>)\"", f"[{NASTY}]"),
        ('v=<a-b>; printf %s "$v"', NASTY),
    ],
)
def test_the_shell_passes_any_value_on_unchanged(script: str, printed: str) -> None:
    fill = filled(script, Naming(script))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", fill.script],
        env={"PATH": os.environ["PATH"], "a_b": NASTY},
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout == printed


def test_names_that_the_document_sets_itself_are_no_inputs() -> None:
    procedure = imported("```sh\npod=$(ls)\nkubectl logs <pod> <http-proxy>\n```\n")
    assert list(procedure.inputs) == ["pod_value", "http_proxy_value"]


def test_one_thing_in_several_spellings_is_one_input() -> None:
    procedure = imported("```sh\nls <pod-name> <POD_NAME> '<Pod Name>' <имя> <пароль>\n```\n")
    assert list(procedure.inputs) == ["pod_name", "value", "value_2"]


@given(st.text(alphabet="<>ab-_ '\"$(){}\n|&;`\\#=EOF", max_size=40))
def test_no_text_is_filled_in_by_mistake(script: str) -> None:
    fill = filled(script, Naming(script))
    assert fill.script == script or (not fill.fault and "$" in fill.script)

"""What checks ask of a deployment is asked by its own tools, and they only read."""

import shlex
from pathlib import Path

import pytest

from procedures.clock import SystemClock
from procedures.environment import Environment, Method, Tier
from procedures.execution.checks.build import checks_for
from procedures.execution.policy.policy import Operator, Policy
from procedures.execution.rehearsal.rehearsal import rehearse
from procedures.reference.levels import Level
from procedures.risk.assessment import assess
from procedures.runbook.assertions import LogsFree, ServiceReady
from procedures.signals.build import watch_for
from tests.integration.execution.desk import command, procedure, step

TOOLS = ("docker-compose", "docker", "kubectl", "systemctl", "journalctl", "bash", "sh")
READY = ServiceReady(text="service has 1 ready", line=1, count=1)
CALM = LogsFree(text="logs have no ERROR in 5m", line=2, word="ERROR", window_s=300)


@pytest.mark.parametrize("method", list(Method))
async def test_a_rehearsal_starts_nothing_but_tools_that_read(
    tmp_path: Path, method: Method
) -> None:
    diary = tmp_path / "diary"
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in TOOLS:
        script = f'#!/bin/dash\nprintf "%s\\n" "{name} $*" >> {shlex.quote(str(diary))}\necho 1\n'
        (tools / name).write_text(script)
        (tools / name).chmod(0o755)
    environment = Environment(name="here", tier=Tier.PRODUCTION, method=method, step_path=(tools,))
    clock = SystemClock()
    watch = watch_for(environment, clock)
    document = procedure(
        step(
            "act",
            preconditions=(CALM,),
            commands=command(f"touch {tmp_path / 'acted'}", Level.CHANGE),
            checks=(READY,),
            undo=command(f"touch {tmp_path / 'undone'}", Level.CHANGE),
        ),
        step("look", commands=command(f"touch {tmp_path / 'looked'}")),
    )
    checks = checks_for(environment, snapshot=lambda: watch.latest, clock=clock)
    dry = await rehearse(
        document,
        environment,
        {},
        operator=Operator(name="ada"),
        policy=Policy(),
        checks=checks,
        clock=clock,
    )
    await checks.aclose()
    await watch.aclose()
    assert dry.steps[0].preconditions[0].evaluated
    # Engines and clusters are asked without a tool; whatever they say here, nothing is begun.
    asked = diary.read_text().splitlines() if diary.exists() else []
    assert bool(asked) == (method is Method.SYSTEMD)
    assert [assess(line).level for line in asked] == [Level.READ] * len(asked)
    assert set(left_in(tmp_path)) <= {"diary", "tools"}


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())

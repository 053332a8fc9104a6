"""Checks are answered where the thing in question lives: in the container, or on this machine."""

from pathlib import Path

import pytest

from procedures.clock import SystemClock
from procedures.environment import Environment, Method, Tier
from procedures.errors import SourceError
from procedures.targets.answers import HERE, Answers
from procedures.targets.inside import listening_ports
from procedures.targets.log_lines import LogLine, Severity
from procedures.targets.target import Answer
from procedures.targets.values import NO_USE, Phase
from tests.scripted_target import ScriptedTarget, deployment, unit

DF = """\
Filesystem     1024-blocks    Used Available Capacity Mounted on
overlay           50000000 1000000  20971520       5% /var/lib/llm-config
"""
TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
   1: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 2 1
"""
PODS = ScriptedTarget


def answers(target: ScriptedTarget, method: Method = Method.KUBERNETES, **parts: object) -> Answers:
    environment = Environment(name="prod", tier=Tier.PRODUCTION, method=method, **parts)  # type: ignore[arg-type]
    return Answers(environment, targets=lambda: (target,), clock=SystemClock())


@pytest.fixture
def target() -> ScriptedTarget:
    down = unit("pod-0", phase=Phase.FAILED, ready=False)
    return ScriptedTarget(deployment(down, unit("pod-1"), wanted=2), deployment(name="redis"))


async def test_a_file_is_looked_for_in_a_unit_that_serves(target: ScriptedTarget) -> None:
    target.answers[("test", "-e", "/etc/llm-config/config.yaml")] = Answer(status=0, output="")
    found = await answers(target).exists(Path("/etc/llm-config/config.yaml"))
    assert (found.value, found.where) == (True, "in pod-1")
    assert target.asked[0][0] == "pod-1"


async def test_directories_of_the_settings_are_on_this_machine(
    target: ScriptedTarget, tmp_path: Path
) -> None:
    backup = tmp_path / "backups" / "newest"
    backup.parent.mkdir()
    backup.touch()
    asked = answers(target, backup_dir=tmp_path / "backups")
    assert await asked.exists(backup) == await asked.exists(backup)
    assert (await asked.exists(backup)).where == HERE
    assert (await asked.disk_free(backup.parent)).value > 0
    assert not target.asked


async def test_a_directory_that_a_fact_names_is_here_if_it_is_here(
    target: ScriptedTarget, tmp_path: Path
) -> None:
    facts = {"PLACE": str(tmp_path), "CONFIG_DIR": "/no/such/directory/here"}
    asked = answers(target, facts=facts)
    assert (await asked.exists(tmp_path / "x")).where == HERE
    path = "/no/such/directory/here/config.yaml"
    target.answers[("test", "-e", path)] = Answer(status=0, output="")
    assert (await asked.exists(Path(path))).where == "in pod-1"


async def test_under_systemd_the_service_lives_on_this_machine(target: ScriptedTarget) -> None:
    asked = answers(target, Method.SYSTEMD)
    assert (await asked.memory_free()).where == HERE
    assert (await asked.exists(Path("/proc/self"))).value
    assert not target.asked


async def test_where_nothing_runs_this_machine_is_asked_and_named() -> None:
    target = ScriptedTarget(deployment(wanted=0))
    found = await answers(target).exists(Path("/proc/self"))
    assert found.where.startswith(HERE)
    assert "nothing of the service runs" in found.where


async def test_the_disk_is_that_of_the_container(target: ScriptedTarget) -> None:
    target.answers[("df", "-Pk", "--", "/var/lib/llm-config")] = Answer(status=0, output=DF)
    found = await answers(target).disk_free(Path("/var/lib/llm-config"))
    assert found.value == 20 * 1024**3


async def test_a_disk_that_cannot_be_read_is_not_full_but_unknown(target: ScriptedTarget) -> None:
    target.answers[("df", "-Pk", "--", "/nope")] = Answer(
        status=1, output="", complaint="df: /nope: No such file or directory\x1b[2J"
    )
    with pytest.raises(SourceError, match="No such file") as told:
        await answers(target).disk_free(Path("/nope"))
    assert "\x1b" not in told.value.what


async def test_an_image_without_the_program_says_so(target: ScriptedTarget) -> None:
    with pytest.raises(SourceError, match="test cannot be run in pod-1"):
        await answers(target).exists(Path("/etc/passwd"))


async def test_a_port_is_open_if_something_in_the_container_listens(target: ScriptedTarget) -> None:
    target.answers[("cat", "/proc/net/tcp")] = Answer(status=0, output=TCP)
    target.answers[("cat", "/proc/net/tcp6")] = Answer(status=1, output="")
    asked = answers(target)
    assert (await asked.is_listening(8080)).value
    assert not (await asked.is_listening(50000)).value, "a connection is not a listener"
    assert listening_ports(TCP) == {8080}


async def test_memory_is_what_the_limit_leaves(target: ScriptedTarget) -> None:
    found = await answers(target).memory_free()
    assert found.value == (2048 - 312) * 1024**2


async def test_without_a_limit_memory_is_that_of_its_machine() -> None:
    target = ScriptedTarget(deployment(unit("pod-1", use=NO_USE)))
    target.answers[("cat", "/proc/meminfo")] = Answer(
        status=0, output="MemTotal: 9 kB\nMemAvailable:    2048 kB\n"
    )
    assert (await answers(target).memory_free()).value == 2 * 1024**2


async def test_ready_units_are_counted_by_workload(target: ScriptedTarget) -> None:
    asked = answers(target)
    assert (await asked.ready(), await asked.ready("redis")) == (1, 0)
    with pytest.raises(SourceError, match="no kafka on cluster"):
        await asked.ready("kafka")


async def test_logs_of_all_units_are_in_the_order_of_time(target: ScriptedTarget) -> None:
    for name, second in (("pod-0", 2), ("pod-1", 1)):
        stamp = f"2026-11-23T14:25:0{second}Z"
        target.logs[name] = [LogLine(stamp, name, Severity.INFO, f"line of {name}")]
    assert await answers(target).logs(300) == ["line of pod-1", "line of pod-0"]


async def test_targets_that_belong_to_another_stay_open(target: ScriptedTarget) -> None:
    environment = Environment(name="prod", tier=Tier.PRODUCTION, method=Method.KUBERNETES)
    for owns in (False, True):
        asked = Answers(environment, targets=lambda: (target,), clock=SystemClock(), owns=owns)
        await asked.ready()
        await asked.aclose()
        assert target.closed is owns

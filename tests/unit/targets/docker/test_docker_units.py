"""What the engine tells of containers becomes units and workloads."""

from datetime import UTC, datetime

import pytest

from procedures.errors import SourceError
from procedures.targets.docker.ends import End
from procedures.targets.docker.projects import known_of, only_project
from procedures.targets.docker.units import time_of, unit_of, workloads_of
from procedures.targets.docker.usage import use_of
from procedures.targets.values import NO_USE, Phase, Use

STARTED, FINISHED = "2026-11-28T15:41:52.672383626Z", "2026-11-28T15:41:52.285988157Z"
NEVER = "0001-01-01T00:00:00Z"
Json = dict[str, object]


def container(
    service: str = "api", number: int = 1, *, policy: str = "always", labels: Json | None = None,
    settings: Json | None = None, **state: object,
) -> Json:  # fmt: skip
    known = {"Status": "running", "StartedAt": STARTED, "FinishedAt": NEVER, "ExitCode": 0} | state
    return {
        "Id": f"{service}{number}",
        "Name": f"/llm_{service}_{number}",
        "Created": "2026-11-28T15:41:50Z",
        "Image": "sha256:" + "a" * 64,
        "RestartCount": 0,
        "State": {"Running": known["Status"] == "running", **known},
        "HostConfig": {"RestartPolicy": {"Name": policy}, "Memory": 64, **(settings or {})},
        "Config": {
            "Image": "api:1",
            "Labels": {
                "com.docker.compose.project": "llm",
                "com.docker.compose.service": service,
                "com.docker.compose.container-number": str(number),
                **(labels or {}),
            },
        },
    }


@pytest.mark.parametrize(
    ("state", "phase", "word", "ready"),
    [
        ({}, Phase.RUNNING, "running", None),
        ({"Health": {"Status": "none"}}, Phase.RUNNING, "running", None),
        ({"Health": {"Status": "healthy"}}, Phase.RUNNING, "healthy", True),
        ({"Health": {"Status": "starting"}}, Phase.STARTING, "starting", False),
        ({"Health": {"Status": "unhealthy"}}, Phase.RUNNING, "unhealthy", False),
        ({"Status": "exited", "Health": {"Status": "unhealthy"}}, Phase.STOPPED, "exited", None),
        ({"Status": "exited", "ExitCode": 143}, Phase.STOPPED, "exited", None),
        ({"Status": "exited", "ExitCode": 137, "OOMKilled": True}, Phase.FAILED, "exited", None),
        ({"Status": "created", "Error": "port is taken"}, Phase.FAILED, "created", None),
        ({"Status": "created", "StartedAt": NEVER}, Phase.WAITING, "created", None),
        ({"Status": "restarting", "ExitCode": 1}, Phase.FAILED, "restarting", None),
        ({"Status": "paused"}, Phase.STOPPED, "paused", None),
        ({"Status": "removing"}, Phase.STOPPING, "removing", None),
        ({"Status": "dead"}, Phase.FAILED, "dead", None),
        ({"Status": "dreaming"}, Phase.UNKNOWN, "dreaming", None),
    ],
)
def test_its_state_comes_first_and_its_health_second(
    state: Json, phase: Phase, word: str, ready: bool | None
) -> None:
    unit = unit_of(container(**state), "api", NO_USE)  # type: ignore[arg-type]
    assert (unit.phase, unit.word, unit.ready) == (phase, word, ready)


@pytest.mark.parametrize(
    ("policy", "phase"),
    [
        ("always", Phase.STOPPED),
        ("unless-stopped", Phase.STOPPED),
        ("on-failure", Phase.FAILED),
        ("no", Phase.FAILED),
        ("", Phase.FAILED),
    ],
)
def test_one_that_the_engine_keeps_up_is_down_because_it_was_stopped(
    policy: str, phase: Phase
) -> None:
    down = container(policy=policy, Status="exited", ExitCode=3, FinishedAt=FINISHED)
    unit = unit_of(down, "api", NO_USE)
    assert (unit.phase, unit.exit_code) == (phase, 3)
    assert unit.reason == "ended with exit status 3"


def test_a_failing_health_check_is_told_in_its_own_words() -> None:
    log = [{"Output": "old"}, {"Output": "connection\n refused "}]
    ill = container(Health={"Status": "unhealthy", "Log": log})
    assert unit_of(ill, "api", NO_USE).reason == "its health check fails: connection refused"


def test_how_it_ended_is_known_from_events_after_it_was_started_again() -> None:
    up = container(FinishedAt=FINISHED)
    assert unit_of(up, "api", NO_USE).exit_code is None
    unit = unit_of(up, "api", NO_USE, end=End(137, out_of_memory=True))
    assert (unit.exit_code, unit.out_of_memory) == (137, True)
    down = container(Status="exited", FinishedAt=FINISHED)
    assert unit_of(down, "api", NO_USE, end=End(137, out_of_memory=True)).exit_code == 0


def test_its_image_is_told_by_tag_id_and_digest() -> None:
    unit = unit_of(container(), "api", NO_USE, digest="0123456789ab")
    assert (unit.image, unit.version) == ("api:1", f"{'a' * 12} 0123456789ab")


def test_its_times_are_exact_and_in_utc() -> None:
    assert unit_of(container(), "api", NO_USE).began_at == datetime(
        2026, 11, 28, 15, 41, 52, 672383, tzinfo=UTC
    )
    assert time_of(NEVER) is None
    assert time_of("soon") is None
    assert time_of(None) is None


def test_the_service_itself_comes_first_then_the_others_by_name() -> None:
    found = [container("redis"), container("api", 10), container("api", 2), container("db")]
    workloads = workloads_of(found, "redis", uses={"db1": Use(memory_bytes=5.0)})
    assert [each.name for each in workloads] == ["redis", "api", "db"]
    assert [unit.name for unit in workloads[1].units] == ["llm_api_2", "llm_api_10"]
    assert workloads[1].wanted == 2
    assert workloads[2].units[0].use == Use(memory_bytes=5.0, memory_limit_bytes=64.0)


def test_the_service_is_there_without_a_container() -> None:
    service = workloads_of([], "api")[0]
    assert (service.name, service.units, service.ready, service.wanted) == ("api", (), 0, None)


def test_the_project_has_to_be_the_only_one() -> None:
    ours = container()
    theirs = container(labels={"com.docker.compose.project": "other"})
    assert only_project([ours, container("redis")], "api") == "llm"
    with pytest.raises(SourceError, match="llm, other") as told:
        only_project([ours, theirs], "api")
    assert "project" in told.value.fix
    with pytest.raises(SourceError, match="no compose project"):
        only_project([ours], "web")


@pytest.mark.parametrize(
    ("given", "fixed"),
    [
        ({}, ""),
        ({"PortBindings": {"80/tcp": [{"HostPort": ""}]}}, ""),
        ({"PortBindings": {"80/tcp": [{"HostPort": "0"}]}}, ""),
        ({"PortBindings": {"80/tcp": None}}, ""),
        ({"PortBindings": {"80/tcp": [{"HostPort": "8000-8010"}]}}, ""),
        ({"PortBindings": {"80/tcp": [{"HostPort": "8080"}]}}, "port 80/tcp is published as 8080"),
    ],
)
def test_a_fixed_port_forbids_a_second_container(given: Json, fixed: str) -> None:
    assert known_of([container(settings=given)])["api"].fixed == fixed


def test_a_fixed_name_forbids_a_second_container() -> None:
    named = container() | {"Name": "/the-one"}
    assert known_of([named])["api"].fixed == "its name the-one is fixed"


STATS = {
    "cpu_stats": {
        "cpu_usage": {"total_usage": 1_500},
        "system_cpu_usage": 20_000,
        "online_cpus": 2,
    },
    "precpu_stats": {"cpu_usage": {"total_usage": 0}},
    "memory_stats": {"usage": 100, "stats": {"total_inactive_file": 30}, "limit": 10_000},
}


def test_the_page_cache_is_no_memory_in_use() -> None:
    assert use_of(STATS, None) == Use(memory_bytes=70.0)
    newer = STATS | {"memory_stats": {"usage": 100, "stats": {"inactive_file": 10}}}
    assert use_of(newer, None).memory_bytes == 90.0
    odd = STATS | {"memory_stats": {"usage": 100, "stats": {"inactive_file": 100}}}
    assert use_of(odd, None).memory_bytes == 100.0
    assert use_of({"memory_stats": {}}, None) == NO_USE


def test_processors_in_use_are_those_between_two_samples() -> None:
    before = {"cpu_stats": {"cpu_usage": {"total_usage": 500}, "system_cpu_usage": 16_000}}
    assert use_of(STATS, before).cpu_cores == 0.5
    assert use_of(STATS | {"precpu_stats": before["cpu_stats"]}, None).cpu_cores == 0.5
    again = {"cpu_stats": {"cpu_usage": {"total_usage": 9_000}, "system_cpu_usage": 16_000}}
    assert use_of(STATS, again).cpu_cores is None

"""What the sandbox's Docker engine is made of."""

import json
from pathlib import Path
from typing import Any

import pytest

from procedures.sandbox.doors import docker_filters
from procedures.sandbox.doors.docker_filters import FilterError
from procedures.sandbox.doors.docker_streams import framed, framed_lines, truth
from procedures.sandbox.doors.engine_socket import EngineSocket
from procedures.sandbox.doors.log_lines import Line
from procedures.sandbox.shims.containers import Container
from procedures.sandbox.shims.observed import Process

LABELS = {"com.docker.compose.service": "redis", "tier": "cache"}
REDIS = Container(
    Process(name="redis", phase="ready", generation=1, started_at=0.0, ended_at=0.0), 10.0
)


@pytest.mark.parametrize(
    ("filters", "matches"),
    [
        ({}, True),
        ({"label": ["tier=cache", "com.docker.compose.service"]}, True),
        ({"label": {"tier=cache": True}}, True),
        ({"label": ["tier=db"]}, False),
        ({"name": ["config-redis"], "status": ["running", "exited"]}, True),
        ({"health": ["unhealthy"]}, False),
        ({"id": [REDIS.id[:12]]}, True),
    ],
)
def test_a_container_is_listed_as_the_filters_say(filters: dict[str, Any], matches: bool) -> None:
    parsed = docker_filters.parsed(json.dumps(filters))
    assert docker_filters.container_matches(parsed, REDIS, LABELS) is matches


@pytest.mark.parametrize("text", ["{", "[]", "3", '{"label": 3}'])
def test_filters_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(FilterError):
        docker_filters.parsed(text)


@pytest.mark.parametrize(
    ("filters", "matches"),
    [
        ({"event": ["die", "start"]}, False),
        ({"event": ["health_status"]}, True),
        ({"type": ["container"], "label": ["tier=cache"]}, True),
        ({"type": ["image"]}, False),
        ({"container": ["other"]}, False),
    ],
)
def test_an_event_is_told_as_the_filters_say(filters: dict[str, Any], matches: bool) -> None:
    attributes = {**LABELS, "name": "llm-config-redis", "image": "redis:7-alpine"}
    event = {
        "Action": "health_status: healthy",
        "Actor": {"ID": "1" * 64, "Attributes": attributes},
    }
    assert (
        docker_filters.event_matches(docker_filters.parsed(json.dumps(filters)), event) is matches
    )


def test_each_line_has_a_frame_of_its_own() -> None:
    lines = [Line(b"2026", b"one\n"), Line(b"2027", b"two\n")]
    assert framed_lines(lines, timestamps=False) == framed(1, b"one\n") + framed(1, b"two\n")
    assert framed_lines(lines[:1], timestamps=True) == framed(1, b"2026 one\n")
    assert framed(2, b"abc")[:8] == b"\2\0\0\0\0\0\0\3"


@pytest.mark.parametrize(
    ("text", "holds"), [("1", True), ("true", True), ("", False), ("0", False), ("False", False)]
)
def test_a_value_of_the_query_is_read_as_the_engine_reads_it(text: str, holds: bool) -> None:
    assert truth(text) is holds


def test_a_private_directory_that_was_left_behind_is_used_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    wished = tmp_path / ("long" * 30) / "docker.sock"
    left = EngineSocket(wished)
    again = EngineSocket(wished, left.address)
    assert again.address == left.address
    again.path.parent.chmod(0o755)
    other = EngineSocket(wished, left.address)
    assert other.address != left.address
    for each in (again, other):
        each.release()
        assert not each.path.parent.exists()

"""Clients of the Docker engine find one in the sandbox."""

import asyncio
import json
import shutil
import stat
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from docker import APIClient
from docker.errors import APIError

from procedures.environment import Method
from procedures.sandbox.launcher import Sandbox
from tests.integration.sandbox.conftest import running

APP = "llm-config-manager"
PATIENCE_S = 20.0


@pytest.fixture
def engine(sandbox: Sandbox) -> str:
    return sandbox.environment.targets[0].engine


@pytest.fixture
def client(engine: str) -> Iterator[APIClient]:
    made = APIClient(base_url=engine, version="auto", timeout=10)
    yield made
    made.close()


@pytest.fixture
async def http(engine: str) -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.UnixConnector(engine.removeprefix("unix://"))
    async with aiohttp.ClientSession("http://engine", connector=connector) as session:
        yield session


def log_of(sandbox: Sandbox, container: str) -> Path:
    return sandbox.environment.local_dirs[0] / "logs" / f"{container}.log"


def write(path: Path, text: str) -> None:
    moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    with path.open("a") as file:
        file.write(f"{moment} {text}\n")


@contextmanager
def repeated(path: Path, text: str) -> Iterator[None]:
    """Write a line again and again, so that no reader can come too late."""
    ended = threading.Event()

    def go() -> None:
        while not ended.wait(0.05):
            write(path, text)

    thread = threading.Thread(target=go)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def ran(client: APIClient, *argv: str) -> tuple[int, bytes, bytes]:
    made = client.exec_create(f"{APP}-1", list(argv))
    out, complaints = client.exec_start(made["Id"], demux=True)
    return client.exec_inspect(made["Id"])["ExitCode"], out or b"", complaints or b""


def test_the_services_containers_are_found_by_their_labels(client: APIClient) -> None:
    label = f"com.docker.compose.service={APP}"
    found = client.containers(all=True, filters={"label": [label]})
    assert sorted(each["Names"][0] for each in found) == [f"/{APP}-{n}" for n in (1, 2, 3)]
    details = client.inspect_container(found[0]["Id"])
    assert details["State"]["Health"]["Status"] == "healthy"
    assert details["Image"] == found[0]["ImageID"]
    labels = details["Config"]["Labels"]
    assert labels["com.docker.compose.oneoff"] == "False"
    assert Path(labels["com.docker.compose.project.config_files"]).exists()


def test_what_is_down_is_listed_only_when_all_are_asked_for(
    client: APIClient, sandbox: Sandbox
) -> None:
    docker = str(sandbox.environment.step_path[0] / "docker")
    target = sandbox.environment.targets[0].engine
    subprocess.run([docker, "-H", target, "stop", f"{APP}-3"], check=True, capture_output=True)
    try:
        assert f"/{APP}-3" not in [each["Names"][0] for each in client.containers()]
        found = client.inspect_container(f"{APP}-3")["State"]
        assert (found["Status"], found["ExitCode"]) == ("exited", 0)
        with pytest.raises(APIError, match="is not running"):
            client.exec_create(f"{APP}-3", ["true"])
    finally:
        subprocess.run([docker, "start", f"{APP}-3"], check=True, capture_output=True)


def test_an_engine_that_is_asked_for_what_is_not_there_says_so_in_json(client: APIClient) -> None:
    with pytest.raises(APIError, match="No such container: nope") as told:
        client.inspect_container("nope")
    assert told.value.status_code == 404
    with pytest.raises(APIError, match="invalid filter 'colour'"):
        client.containers(filters={"colour": ["red"]})
    with pytest.raises(APIError, match="only shows") as told:
        client.restart(f"{APP}-1")
    assert told.value.status_code == 501


def test_a_command_runs_in_the_pretended_container(client: APIClient) -> None:
    status, out, complaints = ran(client, "sh", "-c", "echo one; echo two >&2; exit 3")
    assert (status, out, complaints) == (3, b"one\n", b"two\n")
    assert b"server:" in ran(client, "cat", "/etc/llm-config/config.yaml")[1]
    assert ran(client, "no-such-program")[0] == 127


def test_one_sample_of_use_needs_no_second(client: APIClient) -> None:
    sample = client.stats(f"{APP}-1", stream=False, one_shot=True)
    assert sample["memory_stats"]["usage"] > sample["memory_stats"]["stats"]["inactive_file"]
    assert sample["cpu_stats"]["cpu_usage"]["total_usage"] > 0
    assert "system_cpu_usage" not in sample["precpu_stats"]


def test_the_end_of_a_log_is_counted_and_its_times_are_told(
    client: APIClient, sandbox: Sandbox
) -> None:
    for number in range(5):
        write(log_of(sandbox, f"{APP}-1"), f"INFO counted {number}")
    lines = client.logs(f"{APP}-1", tail=3, timestamps=True).decode().splitlines()
    assert len(lines) == 3
    stamps = [line.split(" ")[0] for line in lines]
    assert stamps == sorted(stamps)
    assert datetime.fromisoformat(stamps[0]).tzinfo is not None
    later = int(datetime.now(UTC).timestamp()) + 60
    assert client.logs(f"{APP}-1", since=later) == b""


async def test_a_log_is_followed_in_frames(http: aiohttp.ClientSession, sandbox: Sandbox) -> None:
    query = {"stdout": "1", "follow": "1", "tail": "0"}
    async with (
        asyncio.timeout(PATIENCE_S),
        http.get(f"/v1.41/containers/{APP}-2/logs", params=query) as answer,
    ):
        text = b""
        with repeated(log_of(sandbox, f"{APP}-2"), "ERROR needle"):
            while b"needle" not in text:
                header = await answer.content.readexactly(8)
                assert header[:4] == b"\1\0\0\0"
                text = await answer.content.readexactly(int.from_bytes(header[4:], "big"))
    assert text.endswith(b"ERROR needle\n")


async def test_following_ends_with_the_time_that_is_asked_for(
    http: aiohttp.ClientSession,
) -> None:
    until = str(datetime.now(UTC).timestamp() + 0.5)
    query = {"stdout": "1", "follow": "1", "tail": "0", "until": until}
    async with (
        asyncio.timeout(PATIENCE_S),
        http.get(f"/containers/{APP}-2/logs", params=query) as answer,
    ):
        await answer.read()
    assert datetime.now(UTC).timestamp() > float(until)


def test_a_long_line_is_one_line(client: APIClient, sandbox: Sandbox) -> None:
    write(log_of(sandbox, f"{APP}-2"), f"INFO {'x' * 500_000}")
    assert client.logs(f"{APP}-2", tail=1).count(b"x") == 500_000


async def test_a_crash_is_told_while_it_happens_and_afterwards(
    http: aiohttp.ClientSession, sandbox: Sandbox
) -> None:
    begun = datetime.now(UTC).timestamp()
    filters = json.dumps({"type": ["container"], "event": ["die", "start"]})
    async with asyncio.timeout(PATIENCE_S):
        async with http.get("/v1.41/events", params={"filters": filters}) as stream:
            await sandbox.inject("replica-crash")
            died = json.loads(await stream.content.readline())
            await sandbox.cure("replica-crash")
            began = json.loads(await stream.content.readline())
        span = {"since": str(begun), "until": str(datetime.now(UTC).timestamp())}
        async with http.get("/events", params={**span, "filters": filters}) as past:
            told = [json.loads(line) async for line in past.content]
    assert (died["Action"], died["Actor"]["Attributes"]["exitCode"]) == ("die", "134")
    assert (began["Action"], began["id"]) == ("start", died["id"])
    assert [each["timeNano"] for each in told] == [died["timeNano"], began["timeNano"]]


async def test_a_reader_that_leaves_is_forgotten(
    http: aiohttp.ClientSession, client: APIClient, sandbox: Sandbox
) -> None:
    for _ in range(3):
        async with http.get("/events") as stream:
            assert stream.status == 200
        query = {"stdout": "1", "follow": "1"}
        async with http.get(f"/containers/{APP}-1/logs", params=query) as stream:
            assert stream.status == 200
    assert await asyncio.to_thread(client.ping)


def command_line(engine: str, *argv: str) -> str:
    tool = shutil.which("docker")
    if tool is None:
        pytest.skip("needs the docker command (apt-get install docker.io)")
    done = subprocess.run(
        [tool, "-H", engine, *argv], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["version"], "26.1.5"),
        (["ps", "-a", "--format", "{{.Names}} {{.Status}}"], f"{APP}-1 Up"),
        (["inspect", "--format", "{{.State.Status}}", f"{APP}-1"], "running"),
        (["logs", "--tail", "1", "-t", f"{APP}-1"], "Z "),
        (["exec", "llm-config-redis", "redis-cli", "PING"], "PONG"),
        (["stats", "--no-stream", f"{APP}-1"], "2GiB"),
        (["events", "--since", "2h", "--until", "0s", "--filter", "event=die"], ""),
    ],
)
def test_the_real_docker_command_takes_it_for_an_engine(
    engine: str, argv: list[str], said: str
) -> None:
    assert said in command_line(engine, *argv)


def test_only_its_owner_may_connect(engine: str) -> None:
    mode = Path(engine.removeprefix("unix://")).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_a_state_directory_with_a_long_name_has_its_socket_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    with running(folder, Method.DOCKER) as sandbox:
        path = Path(sandbox.environment.targets[0].engine.removeprefix("unix://"))
        assert folder not in path.parents
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        client = APIClient(base_url=f"unix://{path}", version="auto")
        found: list[dict[str, Any]] = client.containers()
        client.close()
        assert found
    assert not path.parent.exists()

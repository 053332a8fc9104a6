"""The sandbox as a process: how it starts, what it serves, when it ends."""

import asyncio
import json
import os
import select
import signal
import sys
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from procedures.environment import Method, Tier
from procedures.errors import SandboxError
from procedures.sandbox.launcher import Sandbox, start
from procedures.sandbox.pace import Pace
from procedures.sandbox.shim_files import PACKAGE_ROOT

FAST = Pace(stop_s=0.2, start_s=0.3, dependency_start_s=0.2, warm_s=1.0)
OWNER = """
import asyncio, sys
from pathlib import Path
from procedures.environment import Method
from procedures.sandbox.launcher import start
sandbox = asyncio.run(start(Path(sys.argv[1]), method=Method.DOCKER))
print(sandbox.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
async def own_sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """A sandbox for one test, so that the test may break it."""
    sandbox = await start(tmp_path / "state", method=Method.DOCKER, pace=FAST)
    yield sandbox
    await sandbox.stop()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


async def gone(pid: int) -> bool:
    """Wait for the end of a process that is not our child."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        ended, _, _ = await asyncio.to_thread(select.select, [handle], [], [], 15)
    finally:
        os.close(handle)
    return bool(ended)


def listening_addresses(pid: int) -> list[tuple[str, str]]:
    """Return table and address of each listening socket: 0A is LISTEN, 0100007F 127.0.0.1."""
    own = {str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir()}
    found = []
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if f"socket:[{fields[9]}]" in own and (fields[3] == "0A" or table[:3] == "udp"):
                found.append((table, fields[1].partition(":")[0]))
    return found


async def api(sandbox: Sandbox) -> str:
    endpoint = sandbox.environment.api
    assert endpoint is not None
    return f"{endpoint.url}/api/v1/configs"


async def health(sandbox: Sandbox, http: httpx.AsyncClient) -> httpx.Response:
    endpoint = sandbox.environment.health
    assert endpoint is not None
    return await http.get(endpoint.url)


async def test_every_replica_serves_metrics_that_prometheus_can_read(
    sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    for endpoint in sandbox.environment.metrics:
        answer = await http.get(f"{endpoint.url}/metrics")
        families = {family.name for family in text_string_to_metric_families(answer.text)}
        assert {"config_operations", "http_request_duration_seconds", "cache_hits"} <= families
        assert "process_cpu_seconds" in families


async def test_the_history_is_an_hour_of_every_instance(
    sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    answer = await http.get(sandbox.environment.history_url)
    families = {f.name: f for f in text_string_to_metric_families(answer.text)}
    samples = families["up"].samples
    hosts = {endpoint.url.removeprefix("http://") for endpoint in sandbox.environment.metrics}
    assert {sample.labels["instance"] for sample in samples} == hosts
    times = [float(sample.timestamp) for sample in samples if sample.timestamp is not None]
    assert 3500 < max(times) - min(times) <= 3700


async def test_a_crashed_replica_refuses_connections_until_it_is_started_again(
    own_sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    url = f"{own_sandbox.environment.metrics[1].url}/metrics"
    assert (await http.get(url)).status_code == 200
    await own_sandbox.inject("replica-crash")
    with pytest.raises(httpx.ConnectError):
        await http.get(url)
    assert (await health(own_sandbox, http)).json()["checks"]["replicas"]["status"] == "degraded"
    await own_sandbox.cure("replica-crash")
    assert (await http.get(url)).status_code == 200
    assert [name for name, _, active in await own_sandbox.faults() if active] == []


async def test_a_fault_of_the_start_is_there_from_the_first_look_and_was_there_before(
    tmp_path: Path, http: httpx.AsyncClient
) -> None:
    sandbox = await start(tmp_path, method=Method.DOCKER, faults=["cache-down"])
    try:
        answer = await health(sandbox, http)
        assert answer.status_code == 503
        assert answer.json()["checks"]["cache"]["status"] == "unhealthy"
        log = (tmp_path / "logs" / "llm-config-manager-1.log").read_text()
        assert "ERROR" in log
    finally:
        await sandbox.stop()


async def test_a_configuration_keeps_its_versions_and_rolls_back(
    sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    one = f"{await api(sandbox)}/app%2Fllm/limit"
    for value in (1, 2):
        body = {"value": value, "env": "prod", "user": "ada"}
        assert (await http.post(one, json=body)).status_code == 200
    back = await http.post(f"{one}/rollback/1", params={"env": "production"})
    assert (back.json()["value"], back.json()["version"]) == (1, 3)
    history = (await http.get(f"{one}/history", params={"env": "production"})).json()
    assert [(entry["version"], entry["created_by"]) for entry in history] == [
        (3, "system"),
        (2, "ada"),
        (1, "ada"),
    ]
    assert history[0]["change_description"] == "Rollback to version 1"
    assert (await http.delete(one, params={"env": "production"})).status_code == 204
    missing = await http.get(one, params={"env": "production"})
    assert (missing.status_code, missing.json()) == (
        404,
        {"error": "Not Found", "message": "Configuration not found: app/llm:limit"},
    )


async def test_a_secret_is_never_shown(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    one = f"{await api(sandbox)}/app/token"
    body = {"value": "hunter2", "env": "production", "secret": True}
    answers = [
        await http.post(one, json=body),
        await http.get(one, params={"env": "production"}),
        await http.get(f"{one}/history", params={"env": "production"}),
        await http.get(await api(sandbox) + "/app", params={"env": "production"}),
    ]
    assert all("hunter2" not in answer.text for answer in answers)
    assert all("<encrypted>" in answer.text for answer in answers)


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [
        ("/app/x?env=mars", {}, 400),
        ("/app/a b", {}, 400),
        ("/app/x/rollback/0", {"json": {}}, 400),
        ("/app/x/rollback/7", {"json": {}}, 404),
        ("/app/x", {"json": {"env": "prod"}}, 400),
        ("/app/x", {"json": [1]}, 400),
        ("/app/x", {"json": {"value": 1, "env": "prod", "secret": True}}, 400),
        ("/app/x", {"content": "{}"}, 415),
        ("/app/x", {"content": "{", "headers": {"Content-Type": "application/json"}}, 400),
    ],
)
async def test_a_bad_request_gets_the_services_error_shape(
    sandbox: Sandbox, http: httpx.AsyncClient, path: str, options: dict[str, object], status: int
) -> None:
    verb = "POST" if options else "GET"
    answer = await http.request(verb, await api(sandbox) + path, **options)  # type: ignore[arg-type]
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "message"}


async def test_real_requests_count_in_the_metrics(
    own_sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    for _ in range(3):
        await http.get(await api(own_sandbox) + "/app/nothing/history")
    counted = 0.0
    for endpoint in own_sandbox.environment.metrics:
        text = (await http.get(f"{endpoint.url}/metrics")).text
        counted += sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == "http_requests_total" and sample.labels["path"].endswith("/history")
        )
    assert counted == 3


async def test_without_replicas_nothing_answers_at_the_front_address(
    own_sandbox: Sandbox, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    record = json.loads((tmp_path / "state" / "sandbox.json").read_text())
    headers = {"Authorization": f"Bearer {record['token']}"}
    scaled = await http.post(f"{record['control']}/scale/0", headers=headers)
    assert scaled.status_code == 204
    while (await http.get(f"{record['control']}/state", headers=headers)).json()["replicas"][0][
        "phase"
    ] != "stopped":
        pass
    with pytest.raises(httpx.ConnectError):
        await http.get(await api(own_sandbox) + "/app")
    with pytest.raises(httpx.ConnectError):
        await health(own_sandbox, http)


async def test_the_minimal_health_report_names_no_components(
    tmp_path: Path, http: httpx.AsyncClient
) -> None:
    sandbox = await start(tmp_path, method=Method.DOCKER, health_shape="minimal")
    try:
        assert (await health(sandbox, http)).json() == {
            "status": "healthy",
            "service": "llm-config-manager",
            "version": "0.5.0",
        }
    finally:
        await sandbox.stop()


async def test_the_control_address_wants_its_token(
    sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        answer = await http.get(f"{sandbox.environment.control}/state", headers=headers)
        assert answer.status_code == 401


async def test_nothing_listens_outside_loopback(sandbox: Sandbox) -> None:
    listening = await asyncio.to_thread(listening_addresses, sandbox.pid)
    assert len(listening) == 5
    assert set(listening) == {("tcp", "0100007F")}


async def test_it_is_a_sandbox_with_a_backup_that_opens(sandbox: Sandbox) -> None:
    environment = sandbox.environment
    assert environment.tier is Tier.SANDBOX
    assert environment.backup_dir is not None
    (archive,) = environment.backup_dir.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        assert set(opened.getnames()) == {
            *("database.dump", "files.tar", "manifest.txt", "SHA256SUMS")
        }


async def test_a_killed_console_takes_its_sandbox_along(tmp_path: Path) -> None:
    owner = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", OWNER, str(tmp_path)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(PACKAGE_ROOT)},
    )
    assert owner.stdout is not None
    pid = int(await owner.stdout.readline())
    owner.kill()
    assert await gone(pid)
    await owner.wait()


async def test_a_second_console_joins_and_keeps_the_sandbox_alive(
    tmp_path: Path, http: httpx.AsyncClient
) -> None:
    first = await start(tmp_path, method=Method.DOCKER)
    second = await start(tmp_path, method=Method.DOCKER, faults=["replica-crash"])
    assert second.pid == first.pid
    await first.stop()
    assert (await health(second, http)).json()["checks"]["replicas"]["status"] == "degraded"
    await second.stop()
    assert await gone(second.pid)


async def test_a_running_sandbox_does_not_change_its_method(
    own_sandbox: Sandbox, tmp_path: Path
) -> None:
    with pytest.raises(SandboxError, match="runs as docker, not as systemd"):
        await start(tmp_path / "state", method=Method.SYSTEMD)


async def test_a_kept_sandbox_stays_until_it_is_told_to_go(
    tmp_path: Path, http: httpx.AsyncClient
) -> None:
    sandbox = await start(tmp_path, method=Method.DOCKER, keep=True)
    await sandbox.stop()
    assert (await health(sandbox, http)).status_code == 200
    os.kill(sandbox.pid, signal.SIGTERM)
    assert await gone(sandbox.pid)


async def test_a_restarted_sandbox_continues_its_counters_and_configurations(
    tmp_path: Path, http: httpx.AsyncClient
) -> None:
    async def requests(sandbox: Sandbox) -> float:
        text = (await http.get(f"{sandbox.environment.metrics[0].url}/metrics")).text
        families = {f.name: f for f in text_string_to_metric_families(text)}
        return sum(sample.value for sample in families["http_requests"].samples)

    first = await start(tmp_path, method=Method.DOCKER)
    body = {"value": "kept", "env": "edge"}
    await http.post(await api(first) + "/app/x", json=body)
    before = await requests(first)
    await first.stop()
    second = await start(tmp_path, method=Method.DOCKER)
    try:
        assert await requests(second) > before
        kept = await http.get(await api(second) + "/app/x", params={"env": "edge"})
        assert kept.json()["value"] == "kept"
    finally:
        await second.stop()


async def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(SandboxError, match=str(blocked / "state")):
        await start(blocked / "state", method=Method.DOCKER)


async def test_a_sandbox_that_dies_at_once_says_why(tmp_path: Path) -> None:
    databases = tmp_path / "postgres" / "base"
    databases.mkdir(parents=True)
    (databases / "llm_config.db").write_text("no database" * 1000)
    with pytest.raises(SandboxError, match="file is not a database"):
        await start(tmp_path, method=Method.DOCKER)


async def test_an_unknown_fault_names_the_known_ones(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="no fault is called 'fire'") as caught:
        await sandbox.inject("fire")
    assert "replica-crash" in caught.value.fix

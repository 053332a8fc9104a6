"""Clients of the Kubernetes API find one in the sandbox."""

import asyncio
import json
import os
import shutil
import stat
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from procedures.environment import Method
from procedures.sandbox.launcher import Sandbox

METHOD = Method.KUBERNETES
APP = "llm-config-manager"
PODS = "/api/v1/namespaces/llm-config/pods"
PATIENCE_S = 20.0
Object = dict[str, Any]


def kubeconfig(sandbox: Sandbox) -> Path:
    path = sandbox.environment.targets[0].kubeconfig
    assert path is not None
    return path


@pytest.fixture
async def api(sandbox: Sandbox) -> AsyncIterator[aiohttp.ClientSession]:
    config = json.loads(kubeconfig(sandbox).read_text())
    token = config["users"][0]["user"]["token"]
    async with aiohttp.ClientSession(
        config["clusters"][0]["cluster"]["server"],
        headers={"Authorization": f"Bearer {token}"},
        timeout=aiohttp.ClientTimeout(total=PATIENCE_S),
    ) as session:
        yield session


async def get(api: aiohttp.ClientSession, path: str, **query: str) -> Object:
    async with api.get(path, params=query) as answer:
        found: Object = await answer.json()
        assert answer.status == 200, found
        return found


async def watched(
    api: aiohttp.ClientSession, path: str, **query: str
) -> AsyncIterator[tuple[str, Object]]:
    async with api.get(path, params={"watch": "true", "timeoutSeconds": "15", **query}) as answer:
        assert answer.status == 200
        async for line in answer.content:
            event = json.loads(line)
            yield event["type"], event["object"]


def kubectl_shim(sandbox: Sandbox, *argv: str) -> None:
    shim = sandbox.environment.step_path[0] / "kubectl"
    config = str(kubeconfig(sandbox))
    chosen = ("--kubeconfig", config, "--context", "sandbox", "-n", "llm-config")
    subprocess.run([shim, *chosen, *argv], check=True, capture_output=True, timeout=30)


async def settled(api: aiohttp.ClientSession) -> list[Object]:
    """Return the service's pods once all of them are ready."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found = await get(api, PODS, labelSelector=f"app={APP}")
            ready = [each["status"]["containerStatuses"][0]["ready"] for each in found["items"]]
            if len(ready) == 3 and all(ready):
                items: list[Object] = found["items"]
                return items
            await asyncio.sleep(0.1)


def name_of(each: Object) -> str:
    return str(each["metadata"]["name"])


def log_of(sandbox: Sandbox, pods: list[Object], pod: str) -> Path:
    """Return the file of a pod: pods are listed by name, files count replicas by address."""
    address = next(each["status"]["podIP"] for each in pods if name_of(each) == pod)
    ordinal = int(address.rpartition(".")[2]) - 10
    return sandbox.environment.local_dirs[0] / "logs" / f"{APP}-{ordinal}.log"


@asynccontextmanager
async def repeated(path: Path, text: str) -> AsyncIterator[None]:
    """Write a line again and again, so that no reader can come too late."""

    async def go() -> None:
        while True:
            moment = datetime.now(UTC).isoformat(timespec="milliseconds")
            with path.open("a") as file:
                file.write(f"{moment.replace('+00:00', 'Z')} {text}\n")
            await asyncio.sleep(0.05)

    task = asyncio.create_task(go())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_its_objects_belong_together(api: aiohttp.ClientSession) -> None:
    pods = await settled(api)
    apps = "/apis/apps/v1/namespaces/llm-config"
    deployment = await get(api, f"{apps}/deployments/{APP}")
    sets = {
        each["metadata"]["uid"]: each for each in (await get(api, f"{apps}/replicasets"))["items"]
    }
    owners = [pod["metadata"]["ownerReferences"][0] for pod in pods]
    assert {owner["name"] for owner in owners} == {
        sets[owner["uid"]]["metadata"]["name"] for owner in owners
    }
    newest = sets[owners[0]["uid"]]["metadata"]
    revision = "deployment.kubernetes.io/revision"
    assert newest["annotations"][revision] == deployment["metadata"]["annotations"][revision]
    assert newest["ownerReferences"][0]["uid"] == deployment["metadata"]["uid"]


async def test_a_list_comes_in_portions(api: aiohttp.ClientSession) -> None:
    whole = [name_of(each) for each in (await get(api, PODS))["items"]]
    found: list[str] = []
    query = {"limit": "2"}
    while True:
        portion = await get(api, PODS, **query)
        found += map(name_of, portion["items"])
        if "continue" not in portion["metadata"]:
            break
        query["continue"] = portion["metadata"]["continue"]
    assert found == whole
    assert len(whole) == 5


async def test_a_rollout_is_watched_from_the_version_of_a_list_on(
    api: aiohttp.ClientSession, sandbox: Sandbox
) -> None:
    before = {name_of(each) for each in await settled(api)}
    version = (await get(api, PODS))["metadata"]["resourceVersion"]
    selector = {"resourceVersion": version, "labelSelector": f"app={APP}"}
    await asyncio.to_thread(kubectl_shim, sandbox, "rollout", "restart", f"deployment/{APP}")
    added, deleted, ready, versions = set(), set(), set(), [int(version)]
    events = watched(api, PODS, **selector)
    async for kind, each in events:
        versions.append(int(each["metadata"]["resourceVersion"]))
        if kind == "DELETED":
            deleted.add(name_of(each))
        elif kind == "ADDED":
            added.add(name_of(each))
        if each["status"]["containerStatuses"][0]["ready"] and name_of(each) not in before:
            ready.add(name_of(each))
        if len(ready) == 3 and deleted >= before:
            break
    assert ready == added == {name_of(each) for each in await settled(api)}
    assert versions == sorted(versions)


async def test_a_crash_is_an_event_about_its_pod(
    api: aiohttp.ClientSession, sandbox: Sandbox
) -> None:
    pods = {name_of(each): each["metadata"]["uid"] for each in await settled(api)}
    path = "/api/v1/namespaces/llm-config/events"
    version = (await get(api, path))["metadata"]["resourceVersion"]
    await sandbox.inject("replica-crash")
    try:
        query = {"resourceVersion": version, "fieldSelector": "reason=BackOff"}
        events = watched(api, path, **query)
        kind, event = await anext(events)
        about = event["involvedObject"]
        assert (kind, event["type"], about["uid"]) == ("ADDED", "Warning", pods[about["name"]])
        pod = await get(api, f"{PODS}/{about['name']}")
        container = pod["status"]["containerStatuses"][0]
        assert container["state"]["waiting"]["reason"] == "CrashLoopBackOff"
        assert container["lastState"]["terminated"]["exitCode"] == 134
        log = await api.get(f"{PODS}/{about['name']}/log", params={"previous": "true"})
        assert "panicked" in await log.text()
        log.release()
    finally:
        await sandbox.cure("replica-crash")
    await settled(api)


async def test_a_watch_tells_how_far_it_came(api: aiohttp.ClientSession) -> None:
    query = {"resourceVersion": "0", "allowWatchBookmarks": "true", "timeoutSeconds": "1"}
    kinds = [kind async for kind, _ in watched(api, PODS, **query)]
    assert kinds.count("ADDED") == 5
    assert kinds[-1] == "BOOKMARK"


async def test_a_log_is_followed_until_its_pod_is_replaced(
    api: aiohttp.ClientSession, sandbox: Sandbox
) -> None:
    pods = await settled(api)
    pod = name_of(pods[0])
    query = {"follow": "true", "tailLines": "0", "timestamps": "true"}
    async with api.get(f"{PODS}/{pod}/log", params=query) as answer:
        line = b""
        async with repeated(log_of(sandbox, pods, pod), "ERROR needle"):
            while b"needle" not in line:
                line = await answer.content.readline()
        assert datetime.fromisoformat(line.split(b" ")[0].decode()).utcoffset() is not None
        await asyncio.to_thread(kubectl_shim, sandbox, "delete", "pod", pod)
        assert b"Shutdown complete" in await answer.content.read()
    new = {name_of(each) for each in await settled(api)} - {name_of(each) for each in pods}
    text = await (await api.get(f"{PODS}/{new.pop()}/log")).text()
    assert "needle" not in text  # a new pod has a log of its own


async def executed(
    api: aiohttp.ClientSession, pod: str, *argv: str
) -> tuple[dict[int, bytes], Mapping[str, Any]]:
    query = [("command", word) for word in argv] + [("stdout", "true"), ("stderr", "true")]
    streams: dict[int, bytes] = {1: b"", 2: b"", 3: b""}
    async with api.ws_connect(
        f"{PODS}/{pod}/exec", params=query, protocols=("v4.channel.k8s.io",)
    ) as socket:
        assert socket.protocol == "v4.channel.k8s.io"
        async for message in socket:
            streams[message.data[0]] += message.data[1:]
    return streams, json.loads(streams.pop(3))


async def test_a_command_runs_in_a_pod(api: aiohttp.ClientSession) -> None:
    pod = name_of((await settled(api))[0])
    streams, status = await executed(api, pod, "sh", "-c", "echo one; echo two >&2; exit 4")
    assert streams == {1: b"one\n", 2: b"two\n"}
    assert status["details"]["causes"] == [{"reason": "ExitCode", "message": "4"}]
    streams, status = await executed(api, pod, "cat", "/etc/llm-config/config.yaml")
    assert (b"server:" in streams[1], status["status"]) == (True, "Success")
    streams, status = await executed(api, pod, "no-such-program")
    assert status["details"]["causes"][0]["message"] == "127"


async def test_a_command_cannot_be_run_where_nothing_runs(
    api: aiohttp.ClientSession, sandbox: Sandbox
) -> None:
    await settled(api)
    await sandbox.inject("replica-crash")
    try:
        pods = (await get(api, PODS, labelSelector=f"app={APP}"))["items"]
        down = [p for p in pods if "waiting" in p["status"]["containerStatuses"][0]["state"]]
        with pytest.raises(aiohttp.WSServerHandshakeError) as told:
            await executed(api, name_of(down[0]), "true")
        assert told.value.status == 500
    finally:
        await sandbox.cure("replica-crash")
    await settled(api)


async def test_nothing_is_changed_through_it(api: aiohttp.ClientSession) -> None:
    async with api.delete(f"{PODS}/redis-0") as answer:
        assert (answer.status, (await answer.json())["reason"]) == (405, "MethodNotAllowed")


async def test_what_is_used_is_measured(api: aiohttp.ClientSession) -> None:
    path = "/apis/metrics.k8s.io/v1beta1/namespaces/llm-config/pods"
    found = await get(api, path)
    assert len(found["items"]) == 5
    one = await get(api, f"{path}/redis-0")
    assert one["containers"][0]["usage"]["memory"].endswith("Ki")


def test_only_its_owner_may_read_the_tokens(sandbox: Sandbox) -> None:
    assert stat.S_IMODE(kubeconfig(sandbox).stat().st_mode) == 0o600


@pytest.fixture
def kubectl(sandbox: Sandbox, tmp_path: Path) -> Callable[..., str]:
    """Run the real kubectl; it keeps the token to itself without TLS, so it stands in the path."""
    tool = shutil.which("kubectl")
    if tool is None:
        pytest.skip("needs kubectl (apt-get install kubernetes-client)")
    config = json.loads(kubeconfig(sandbox).read_text())
    server = config["clusters"][0]["cluster"]["server"]
    token = config["users"][0]["user"]["token"]
    options = ("--kubeconfig", str(kubeconfig(sandbox)), "--server", f"{server}/{token}")
    variables = {**os.environ, "HOME": str(tmp_path), "KUBECTL_REMOTE_COMMAND_WEBSOCKETS": "true"}

    def run(*argv: str) -> str:
        done = subprocess.run(
            [tool, *options, *argv],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            env=variables,
        )
        if "unable to upgrade" in done.stderr or "Upgrade request required" in done.stderr:
            pytest.skip("this kubectl speaks no WebSockets")
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["get", "pods,deployments", "-o", "wide"], "sandbox-node-1"),
        (["get", "statefulsets,replicasets,hpa,pdb,events"], "statefulset.apps/redis"),
        (["describe", f"deployment/{APP}"], "NewReplicaSet:"),
        (["describe", "pods", "-l", f"app={APP}"], "Controlled By:  ReplicaSet/"),
        (["logs", f"deployment/{APP}", "--tail", "1"], "INFO"),
        (["rollout", "status", f"deployment/{APP}"], "successfully rolled out"),
        (["top", "pods"], "redis-0"),
        (["exec", "redis-0", "--", "redis-cli", "PING"], "PONG"),
    ],
)
def test_the_real_kubectl_takes_it_for_a_cluster(
    kubectl: Callable[..., str], argv: list[str], said: str
) -> None:
    assert said in kubectl(*argv)

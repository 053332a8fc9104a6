"""Finding the service on real engines, clusters and machines, and where there is nothing."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from procedures.clock import SystemClock
from procedures.environment import Method
from procedures.sandbox.launcher import start
from procedures.targets.detection.clusters import look_at_clusters
from procedures.targets.detection.detect import detect
from procedures.targets.detection.doors import that_answer, that_exist
from procedures.targets.detection.engine import look_at_engine
from procedures.targets.detection.machine import look_at_units
from procedures.targets.detection.proposals import proposals_of
from procedures.targets.detection.values import Candidate, Directory, Door, Found, Sureness
from tests.control_plane import ControlPlane
from tests.docker_engine import DockerEngine
from tests.integration.targets.docker_stand import DockerStand
from tests.integration.targets.kubernetes_stand import SERVICE, apply, deployment, variables_of
from tests.integration.targets.systemd_stand import variables_with
from tests.prometheus_stack import PrometheusStack, free_port
from tests.systemd_box import SystemdBox

CLOCK = SystemClock()


def reasons(found: Found) -> dict[str, str]:
    return {each.place: each.why for each in found.unasked}


def has_ended(pid: Path) -> bool:
    """Tell whether the process that wrote its number there is gone."""
    return not Path("/proc", pid.read_text().strip()).exists()


@contextmanager
def silent_server(path: Path) -> Iterator[None]:
    """Accept connections and answer none."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        yield


async def test_where_there_is_nothing_each_place_is_told_in_a_line(
    nowhere: dict[str, str], tmp_path: Path
) -> None:
    found = await detect(nowhere, CLOCK, machine="blue", usual=(), directories=())
    assert [*found.deployments, *found.answering, *found.directories] == []
    assert reasons(found) == {
        "docker": f"there is no Docker engine at unix://{tmp_path}/docker.sock: "
        "the socket is missing",
        "systemd": "systemctl is not installed here",
        "kubernetes": f"there is no kubeconfig: {tmp_path}/.kube/config",
    }
    assert proposals_of(found) == ()


async def test_an_engine_that_accepts_and_answers_nothing_is_told(
    nowhere: dict[str, str], tmp_path: Path
) -> None:
    with silent_server(tmp_path / "docker.sock"):
        found = await look_at_engine(nowhere, 1.0)
    assert "accepts connections and answers nothing" in reasons(found)["docker"]


async def test_a_systemctl_that_hangs_is_ended(nowhere: dict[str, str], tmp_path: Path) -> None:
    systemctl = tmp_path / "bin" / "systemctl"
    systemctl.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec /bin/sleep 600\n")
    systemctl.chmod(0o755)
    found = await look_at_units(nowhere, "blue", 1.0)
    assert reasons(found) == {"systemd": "systemctl gave no answer within 1 s"}
    assert has_ended(tmp_path / "pid")


def write_config(path: Path, current: str = "", **contexts: tuple[dict[str, object], ...]) -> None:
    """Write a kubeconfig; each context has a cluster, a user and perhaps a namespace."""
    content = {
        "current-context": current,
        "clusters": [{"name": name, "cluster": each[0]} for name, each in contexts.items()],
        "users": [{"name": name, "user": each[1]} for name, each in contexts.items()],
        "contexts": [
            {"name": name, "context": {"cluster": name, "user": name, **dict(*each[2:])}}
            for name, each in contexts.items()
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content))


async def test_a_plugin_that_waits_for_somebody_holds_up_no_other_context(
    nowhere: dict[str, str], tmp_path: Path
) -> None:
    plugin = tmp_path / "plugin"
    plugin.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nread -r name\nexec /bin/sleep 600\n")
    plugin.chmod(0o755)
    server: dict[str, object] = {"server": f"https://127.0.0.1:{free_port()}"}
    exec_: dict[str, object] = {
        "exec": {"command": str(plugin), "apiVersion": "client.authentication.k8s.io/v1"}
    }
    write_config(tmp_path / ".kube/config", hangs=(server, exec_), gone=(server, {"token": "x"}))
    found = await look_at_clusters(nowhere, CLOCK, 1.0)
    assert reasons(found)["context hangs"] == (
        f"no answer within 1 s: the credential plugin {plugin} may wait for somebody to log in"
    )
    assert "cannot be reached" in reasons(found)["context gone"]
    assert has_ended(tmp_path / "pid")


async def test_a_cluster_that_accepts_and_answers_nothing_is_told(
    nowhere: dict[str, str], tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address: dict[str, object] = {"server": f"https://127.0.0.1:{server.getsockname()[1]}"}
        write_config(tmp_path / ".kube/config", silent=(address, {"token": "x"}))
        found = await look_at_clusters(nowhere, CLOCK, 1.0)
    assert "context silent gave no answer in time" in reasons(found)["context silent"]


@pytest.mark.parametrize(
    ("content", "why"),
    [("{", "is not YAML"), ("[]", "holds no settings but a list"), ("a: 1", "has no context")],
)
async def test_a_kubeconfig_of_no_use_is_told(
    nowhere: dict[str, str], tmp_path: Path, content: str, why: str
) -> None:
    (tmp_path / ".kube").mkdir()
    (tmp_path / ".kube/config").write_text(content)
    assert why in reasons(await look_at_clusters(nowhere, CLOCK, 1.0))["kubernetes"]


async def test_the_service_is_known_by_its_answers(tmp_path: Path) -> None:
    sandbox = await start(tmp_path / "sandbox", method=Method.DOCKER)
    try:
        service = sandbox.environment
        assert service.health
        assert service.api
        right = (
            Candidate(door=Door.HEALTH, url=service.health.url),
            Candidate(door=Door.API, url=service.api.url),
            Candidate(door=Door.METRICS, url=service.metrics[0].url),
        )
        wrong = (
            Candidate(door=Door.PROMETHEUS, url=service.api.url),
            Candidate(door=Door.METRICS, url=service.api.url),
            Candidate(door=Door.HEALTH, url=f"http://localhost:{free_port()}/health"),
        )
        assert await that_answer((*wrong, *right), 5.0) == right
    finally:
        await sandbox.stop()


async def test_only_directories_that_are_there_are_found(tmp_path: Path) -> None:
    there = Directory(key="data_dir", path=tmp_path)
    (tmp_path / "file").touch()
    others = [Directory(key="backup_dir", path=tmp_path / name) for name in ("gone", "file")]
    assert await that_exist((*others, there), 1.0) == (there,)


@pytest.mark.prometheus
async def test_a_real_prometheus_and_alertmanager_are_told_apart(
    prometheus_stack: PrometheusStack,
) -> None:
    prometheus, alertmanager = prometheus_stack.prometheus, prometheus_stack.alertmanager
    candidates = [
        Candidate(door=door, url=url)
        for door in (Door.PROMETHEUS, Door.ALERTMANAGER)
        for url in (prometheus, alertmanager)
    ]
    assert await that_answer(candidates, 5.0) == (candidates[0], candidates[3])


@pytest.mark.docker
async def test_a_project_of_a_real_engine_is_found(docker_stand: DockerStand) -> None:
    found = await look_at_engine(docker_stand.variables, 5.0)
    (stack,) = found.deployments
    assert (stack.address.project, stack.address.service) == (docker_stand.project, SERVICE)
    assert (stack.sureness, stack.is_here) == (Sureness.CERTAIN, True)
    assert stack.beside == ("postgres", "redis")
    assert stack.facts["COMPOSE_FILE"] == str(docker_stand.directory / "docker-compose.yml")
    assert stack.facts["DOCKER_HOST"] == docker_stand.engine.url


@pytest.mark.docker
async def test_a_real_engine_that_hangs_is_told(docker_engine: DockerEngine) -> None:
    with docker_engine.hanging():
        found = await look_at_engine(docker_engine.variables, 1.0)
    assert "answers nothing" in reasons(found)["docker"]


@pytest.mark.systemd
async def test_units_of_a_real_systemd_are_found(systemd_box: SystemdBox) -> None:
    found = await look_at_units(variables_with(systemd_box.tools), "blue", 5.0)
    (host,) = found.deployments
    assert (host.address.service, host.sureness) == (SERVICE, Sureness.CERTAIN)
    assert host.address.units[0] == "llm-config*"
    assert {"redis-server", "postgresql"} <= set(host.address.units)
    assert {"llm-config-backup.timer", "llm-config-cleanup"} <= set(host.beside)


@pytest.fixture
async def room(control_plane: ControlPlane) -> AsyncIterator[str]:
    room = await asyncio.to_thread(control_plane.namespace)
    yield room
    control_plane.kubectl("delete", "namespace", room, "--wait=false")


def merged(control_plane: ControlPlane, path: Path, room: str) -> None:
    """Write a kubeconfig with contexts of Ada, who may all, and of Grace, who may little."""
    content = yaml.safe_load(control_plane.kubeconfig().read_text())
    cluster, user = content["clusters"][0]["cluster"], content["users"][0]["user"]
    write_config(
        path,
        "ada",
        ada=(cluster, user),
        grace=(cluster, {**user, "as": "grace"}, {"namespace": room}),
        stranger=(cluster, {"token": "unknown"}),
        other=(cluster, {**user, "as": "grace"}),
    )


@pytest.mark.kubernetes
async def test_each_context_tells_what_its_user_may_see(
    control_plane: ControlPlane, room: str, tmp_path: Path
) -> None:
    apply(control_plane, room, deployment(replicas=1), deployment("blue-llm-config-db", replicas=0))
    control_plane.kubectl(
        *("-n", room, "create", "role", "looker", "--verb=list", "--resource=deployments.apps")
    )
    control_plane.kubectl(
        *("-n", room, "create", "rolebinding", "looker", "--role=looker", "--user=grace")
    )
    merged(control_plane, tmp_path / "config", room)
    found = await look_at_clusters(variables_of(tmp_path / "config"), CLOCK, 5.0)
    mine = [each for each in found.deployments if each.address.namespace == room]
    assert [each.address.context for each in mine] == ["ada", "grace"]
    assert mine[0].address.kubeconfig == tmp_path / "config"
    assert (mine[0].is_current, mine[1].is_current) == (True, False)
    assert mine[0].beside == ("blue-llm-config-db",)
    assert set(reasons(found)) == {"context stranger", "context other"}
    assert "401" in reasons(found)["context stranger"]
    assert reasons(found)["context other"] == "grace may not list deployments.apps"


@pytest.mark.kubernetes
async def test_a_deployment_is_also_known_by_its_labels(
    control_plane: ControlPlane, room: str
) -> None:
    manifest = deployment("blue", replicas=0)
    manifest["metadata"]["labels"] = {"app.kubernetes.io/name": SERVICE}  # type: ignore[index]
    apply(control_plane, room, manifest)
    found = await look_at_clusters(variables_of(control_plane.kubeconfig()), CLOCK, 5.0)
    (mine,) = [each for each in found.deployments if each.address.namespace == room]
    assert (mine.address.service, mine.sureness) == ("blue", Sureness.CERTAIN)

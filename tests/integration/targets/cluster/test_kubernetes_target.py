"""A namespace of a real control plane is watched and acted on."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from functools import partial

import pytest

from procedures.clock import SystemClock
from procedures.environment import Method, TargetAddress
from procedures.errors import SourceError
from procedures.targets.actions import Action, Refusal, Verb
from procedures.targets.kubernetes.asking import Parameters
from procedures.targets.kubernetes.connection import Connection
from procedures.targets.kubernetes.fields import Json
from procedures.targets.kubernetes.looking import PODS
from procedures.targets.kubernetes.target import KubernetesTarget
from procedures.targets.values import Holdings, Kind, Missing, Phase, Workload
from tests.control_plane import ControlPlane
from tests.integration.targets.contract import (
    TargetContract,
    a_unit,
    run,
    service_of,
    until,
)
from tests.integration.targets.kubernetes_stand import (
    IMAGE,
    SERVICE,
    KubernetesStand,
    apply,
    deployment,
    furnished,
    grace,
    rolled,
    target_at,
    variables_of,
)
from tests.kubelet_api import KubeletApi
from tests.played_pods import CRASHING, NO_IMAGE, OUT_OF_MEMORY, UNREADY
from tests.prometheus_stack import wait_for

pytestmark = pytest.mark.kubernetes


@pytest.fixture(scope="module")
def room(control_plane: ControlPlane) -> Iterator[str]:
    """A namespace with the service in its second revision."""
    with furnished(control_plane, deployment(image=f"{IMAGE}-old"), deployment()) as room:
        yield room


class TestKubernetesTarget(TargetContract):
    """What every target does."""


def controller(kind: str, name: str) -> Mapping[str, object]:
    """Return a manifest of a stateful set or a daemon set."""
    manifest = json.loads(json.dumps(deployment(name)))
    manifest["kind"] = kind
    manifest["spec"] |= {"serviceName": name} if kind == "StatefulSet" else {}
    if kind == "DaemonSet":
        del manifest["spec"]["replicas"]
    return dict(manifest)


def pod(name: str, **spec: object) -> Mapping[str, object]:
    containers = [{"name": "c", "image": f"{name}:1"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"containers": containers, **spec},
    }


BUDGET = {
    "apiVersion": "policy/v1beta1",
    "kind": "PodDisruptionBudget",
    "metadata": {"name": "enough"},
    "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": SERVICE}}},
}


@pytest.fixture(scope="module")
def street(control_plane: ControlPlane) -> Iterator[str]:
    """A namespace with a workload of every kind, and pods in every sort of trouble."""
    room = control_plane.namespace()
    control_plane.kubelet.fates |= {
        "crashing": CRASHING,
        "greedy": OUT_OF_MEMORY,
        "absent": NO_IMAGE,
        "slow": UNREADY,
    }
    apply(
        control_plane,
        room,
        deployment(),
        controller("StatefulSet", "redis"),
        controller("DaemonSet", "agent"),
        *map(pod, ("crashing", "greedy", "absent", "slow", "alone")),
        pod("homeless", nodeSelector={"disk": "of-gold"}),
        pod("job", restartPolicy="Never"),
        BUDGET,
    )
    scale = ("autoscale", "deployment", SERVICE, "--min=2", "--max=5")
    control_plane.kubectl("-n", room, *scale)
    for aim in (f"deployment/{SERVICE}", "statefulset/redis", "daemonset/agent"):
        rolled(control_plane, room, aim)
    wait_for(lambda: words_of(control_plane, room)["greedy"] == "CrashLoopBackOff")
    spare = ("get", "pdb", "enough", "-o", "jsonpath={.status.disruptionsAllowed}")
    wait_for(lambda: control_plane.kubectl("-n", room, *spare) == "1")
    yield room
    control_plane.kubelet.fates.clear()
    control_plane.kubectl("delete", "namespace", room, "--wait=false")


def words_of(plane: ControlPlane, room: str) -> dict[str, str]:
    """Return what kubectl shows under STATUS, by the pod's name."""
    rows = plane.kubectl("-n", room, "get", "pods", "--no-headers").splitlines()
    return {row.split()[0]: row.split()[2] for row in rows}


async def looked(target: KubernetesTarget) -> Holdings:
    try:
        return await target.look()
    finally:
        await target.aclose()


async def test_every_pod_has_the_word_that_kubectl_shows(
    control_plane: ControlPlane, street: str
) -> None:
    holdings = await looked(target_at(control_plane, street))
    words = {unit.name: unit.word for each in holdings.workloads for unit in each.units}
    assert words == words_of(control_plane, street)
    assert set(words.values()) == {
        "Running",
        "CrashLoopBackOff",
        "ImagePullBackOff",
        "Pending",
        "Completed",
    }


async def test_what_ails_a_pod_is_told(control_plane: ControlPlane, street: str) -> None:
    holdings = await looked(target_at(control_plane, street))
    units = {unit.name: unit for each in holdings.workloads for unit in each.units}
    greedy = units["greedy"]
    assert (greedy.phase, greedy.out_of_memory, greedy.exit_code) == (Phase.FAILED, True, 137)
    assert greedy.restarts
    assert (units["crashing"].exit_code, units["crashing"].out_of_memory) == (1, False)
    assert units["absent"].reason == "played: ImagePullBackOff"
    assert (units["slow"].phase, units["slow"].ready) == (Phase.RUNNING, False)
    assert "didn't match" in units["homeless"].reason
    assert (units["homeless"].phase, units["homeless"].host) == (Phase.WAITING, "")
    assert units["alone"].reason == ""


async def test_every_kind_of_workload_is_there(control_plane: ControlPlane, street: str) -> None:
    holdings = await looked(target_at(control_plane, street))
    found = {each.name: each for each in holdings.workloads}
    assert found[SERVICE].kind is Kind.DEPLOYMENT
    assert (found["redis"].kind, found["redis"].ready) == (Kind.STATEFUL_SET, 2)
    assert (found["agent"].kind, found["agent"].wanted) == (Kind.DAEMON_SET, 1)
    assert found["alone"].kind is Kind.POD
    assert [found[name].revision for name in (SERVICE, "redis", "agent")] == ["1", "1", "1"]
    assert holdings.missing == ()


async def test_autoscaler_and_disruption_budget_bound_the_service(
    control_plane: ControlPlane, street: str
) -> None:
    target = target_at(control_plane, street)
    service = (await looked(target)).workloads[0]
    assert (service.least, service.most, service.spare) == (2, 5, 1)
    action = target.action(Verb.SCALE, service, replicas=9)
    assert isinstance(action, Action)
    assert "autoscaler holds 2 to 5" in action.caution
    refusal = target.action(Verb.ROLL_BACK, service)
    assert isinstance(refusal, Refusal)
    assert "no earlier revision" in refusal.why


async def test_use_is_that_of_the_metrics_server(control_plane: ControlPlane, street: str) -> None:
    target = target_at(control_plane, street)
    unit = (await target.look()).workloads[0].units[0]
    assert unit.use.memory_bytes is None
    await asyncio.to_thread(control_plane.measure, street, unit.name, "125m", "32Mi")
    unit = next(each for each in (await target.look()).workloads[0].units if each.name == unit.name)
    assert unit.use.cpu_cores == pytest.approx(0.25), "both containers together"
    assert unit.use.memory_bytes == 64 * 1024**2
    assert unit.use.memory_limit_bytes == 256 * 1024**2
    assert await target.use(unit) == unit.use
    await target.aclose()


async def test_a_selector_leaves_out_what_has_other_labels(
    control_plane: ControlPlane, street: str
) -> None:
    target = target_at(control_plane, street, selector="app in (redis, alone)")
    holdings = await target.look()
    assert [each.name for each in holdings.workloads] == ["alone", "redis"]
    assert (
        Missing(
            part=SERVICE,
            fault=f"there is no workload of that name in namespace {street}"
            " with app in (redis, alone)",
        )
        in holdings.missing
    )
    subjects = {each.subject for each in await target.changes(holdings.at.replace(year=2000))}
    assert subjects
    assert all(each.startswith(("redis", "alone")) for each in subjects)
    await target.aclose()


async def test_a_stateful_set_is_restarted_and_rolled_back(
    control_plane: ControlPlane, kubelet_api: KubeletApi, street: str
) -> None:
    stand = KubernetesStand(control_plane, kubelet_api, street, "redis")
    now = await service_of(stand)
    assert now.kind is Kind.STATEFUL_SET
    for verb in (Verb.RESTART, Verb.ROLL_BACK):
        action = stand.target.action(verb, now)
        assert isinstance(action, Action)
        await run(action, stand)
        before = now.revision
        now = await until(stand, partial(has_rolled, before))
    await stand.target.aclose()


def has_rolled(before: str, now: Workload) -> bool:
    return now.revision != before and now.ready == 2 and not now.changing


async def test_a_look_reads_page_by_page(control_plane: ControlPlane, street: str) -> None:
    whole = await looked(target_at(control_plane, street))
    paged = await looked(target_at(control_plane, street, page=2))
    assert names(paged) == names(whole)


def names(holdings: Holdings) -> list[str]:
    return [unit.name for each in holdings.workloads for unit in each.units]


class ForgetfulOnce(Connection):
    """Its server forgets what it listed while the first pages are read."""

    plane: ControlPlane
    forgot = False

    async def get(
        self,
        path: str,
        parameters: Parameters = (),
        *,
        time_limit_s: float | None = None,
        **names: str,
    ) -> Json:
        if "continue" in dict(parameters) and not self.forgot:
            self.forgot = True
            await asyncio.to_thread(self.plane.compact)
        return await super().get(path, parameters, time_limit_s=time_limit_s, **names)


async def test_a_list_that_is_forgotten_while_it_is_read_is_read_again(
    control_plane: ControlPlane, street: str
) -> None:
    address = TargetAddress(name="cluster", method=Method.KUBERNETES, namespace=street)
    variables = variables_of(control_plane.kubeconfig())
    connection = ForgetfulOnce(address, variables, SystemClock(), page=3)
    connection.plane = control_plane
    found, version = await connection.every(PODS)
    listed = words_of(control_plane, street)
    assert connection.forgot
    assert sorted(each["metadata"]["name"] for each in found) == sorted(listed)
    assert version
    await connection.aclose()


async def test_a_viewer_sees_all_but_what_the_role_leaves_out(
    control_plane: ControlPlane, street: str
) -> None:
    holdings = await looked(target_at(control_plane, street, user="viewer"))
    assert holdings.workloads[0].name == SERVICE
    assert holdings.missing == (
        Missing(part="resource use", fault="viewer may not list pods.metrics.k8s.io"),
    )


async def test_who_may_list_pods_only_sees_their_workloads_all_the_same(
    control_plane: ControlPlane, street: str
) -> None:
    target = grace(control_plane, street, "list", "pods")
    holdings = await target.look()
    service = holdings.workloads[0]
    assert (service.name, service.kind, service.ready) == (SERVICE, Kind.DEPLOYMENT, 2)
    faults = {each.part: each.fault for each in holdings.missing}
    assert faults["deployments"] == "grace may not list deployments.apps"
    assert faults["autoscalers"] == "grace may not list horizontalpodautoscalers.autoscaling"
    changes = await target.changes(holdings.at.replace(year=2000))
    assert any(each.subject == "greedy" for each in changes), "pods tell of their ends"
    told = {each.part: each.fault for each in (await target.look()).missing}
    assert told["events"] == "grace may not list events"
    await target.aclose()


async def test_who_may_see_nothing_is_told_which_role_to_ask_for(
    control_plane: ControlPlane, room: str
) -> None:
    target = grace(control_plane, room)
    with pytest.raises(SourceError) as told:
        await looked(target)
    assert "nothing may be seen of namespace" in told.value.what
    assert "grace may not list" in told.value.what
    assert "role `view`" in told.value.fix


async def test_a_namespace_that_is_not_there_is_told(control_plane: ControlPlane) -> None:
    with pytest.raises(SourceError, match="there is no namespace no-such-room in context admin"):
        await looked(target_at(control_plane, "no-such-room"))


async def test_an_action_before_the_first_answer_is_refused(
    control_plane: ControlPlane, street: str
) -> None:
    target = target_at(control_plane, street)
    seen = (await looked(target_at(control_plane, street))).workloads[0]
    refusal = target.action(Verb.RESTART, seen)
    assert isinstance(refusal, Refusal)
    assert "the context is not known" in refusal.why


async def test_commands_name_context_namespace_and_the_file_of_the_settings(
    control_plane: ControlPlane, street: str
) -> None:
    path = control_plane.kubeconfig()
    address = TargetAddress(
        name="cluster", method=Method.KUBERNETES, namespace=street, kubeconfig=path
    )
    target = KubernetesTarget(address, variables={}, clock=SystemClock())
    action = target.action(Verb.RESTART, (await looked(target)).workloads[0])
    assert isinstance(action, Action)
    prefix = ("kubectl", "--kubeconfig", str(path), "--context", "admin", "-n", street)
    for argv in (*action.commands, *action.look, *action.undo):
        assert argv[: len(prefix)] == prefix
    assert target.place.where == f"context admin · namespace {street}"


async def test_what_a_program_prints_is_bounded_and_so_is_its_time(
    stand: KubernetesStand, control_plane: ControlPlane, room: str
) -> None:
    unit = await a_unit(stand)
    answer = await stand.target.inside(unit, ["head", "-c", "3000000", "/dev/zero"])
    assert (answer.status, len(answer.output)) == (0, 1024**2)
    answer = await stand.target.inside(unit, ["ls", "--", "a b; $(c)"])
    assert answer.status == 2
    assert "a b; $(c)" in answer.complaint, "no shell has its way with arguments"
    hasty = target_at(control_plane, room, time_limit_s=1.0)
    with pytest.raises(SourceError, match=r"sleep in .* did not end within 1\.5 s"):
        await hasty.inside(unit, ["sleep", "3"])
    await hasty.aclose()


async def test_who_may_run_no_program_is_told(
    stand: KubernetesStand, control_plane: ControlPlane, room: str
) -> None:
    unit = await a_unit(stand)
    viewer = target_at(control_plane, room, user="viewer")
    with pytest.raises(SourceError, match=f"no program may be run in {unit.name}: .* 403"):
        await viewer.inside(unit, ["true"])
    await viewer.aclose()


async def test_questions_that_nobody_waits_for_leave_nothing_behind(
    control_plane: ControlPlane, room: str
) -> None:
    target = target_at(control_plane, room)
    for pause in (0, 0.001, 0.005, 0.01, 0.02):
        asking = asyncio.create_task(target.look())
        await asyncio.wait([asking], timeout=pause)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    assert (await target.look()).workloads[0].ready == 2
    await target.aclose()

"""Workloads of a namespace, with their pods, bounds, revisions and rollouts."""

from typing import Any

import pytest

from procedures.targets.kubernetes.bounds import bounds_of
from procedures.targets.kubernetes.quantities import amount
from procedures.targets.kubernetes.revisions import revisions_of
from procedures.targets.kubernetes.rollouts import waits_for
from procedures.targets.kubernetes.selectors import selects
from procedures.targets.kubernetes.workloads import Lists, workloads_of
from procedures.targets.values import Kind
from tests.recorded_cluster import items, recorded

SERVICE = "llm-config-manager"


def lists(**changed: object) -> Lists:
    given: dict[str, Any] = {
        "pods": items("pods"),
        "controllers": {
            "Deployment": items("deployments"),
            "StatefulSet": [recorded("statefulset")],
        },
        "keepers": items("replicasets"),
        "autoscalers": items("autoscalers"),
    }
    return Lists(**(given | changed))


def test_the_service_comes_first_and_every_pod_stands_with_its_workload() -> None:
    found = workloads_of(lists(), SERVICE)
    assert [(each.kind, each.name, len(each.units)) for each in found] == [
        (Kind.DEPLOYMENT, SERVICE, 2),
        (Kind.POD, "crash", 1),
        (Kind.POD, "logger", 1),
        (Kind.POD, "noimage", 1),
        (Kind.STATEFUL_SET, "redis", 1),
    ]
    service = found[0]
    assert (service.wanted, service.ready, service.updated, service.revision) == (2, 2, 2, "1")
    assert service.changing == ""
    assert (service.least, service.most) == (1, 5)


@pytest.mark.parametrize("hidden", [{"keepers": []}, {"controllers": {}}])
def test_pods_find_their_workload_also_when_not_all_may_be_read(hidden: dict[str, Any]) -> None:
    service = workloads_of(lists(**hidden), SERVICE)[0]
    assert (service.kind, service.name, len(service.units)) == (Kind.DEPLOYMENT, SERVICE, 2)
    assert service.ready == 2


def test_without_pods_the_workload_itself_says_how_many_are_ready() -> None:
    service = workloads_of(lists(pods=[], knows_pods=False), SERVICE)[0]
    assert (service.units, service.ready) == ((), 2)


def of_job(name: str, phase: str) -> dict[str, Any]:
    owner = {"controller": True, "kind": "Job", "name": "backup-1"}
    return {
        "metadata": {"name": name, "uid": name, "ownerReferences": [owner]},
        "status": {"phase": phase},
    }


def test_a_jobs_pod_is_shown_until_its_work_is_done() -> None:
    pods = [of_job("backup-1-a", "Failed"), of_job("backup-1-b", "Succeeded")]
    found = workloads_of(Lists(pods=pods), SERVICE)
    assert [(each.name, each.notes) for each in found] == [("backup-1-a", ("of job backup-1",))]


def test_an_autoscaler_that_cannot_scale_says_why_in_its_note() -> None:
    (note,) = workloads_of(lists(), SERVICE)[0].notes
    assert note.startswith(
        "autoscaler llm-config-manager: 1 to 5 replicas; it does not scale now: the HPA was unable"
    )


def test_the_conditions_of_newer_autoscalers_are_read_from_their_status() -> None:
    scaler = {
        "metadata": {"name": "s"},
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "maxReplicas": 4},
        "status": {
            "conditions": [{"type": "ScalingActive", "status": "False", "reason": "NoMetrics"}]
        },
    }
    bounds = bounds_of("Deployment", {"metadata": {"name": "web"}}, [scaler], [])
    assert (bounds.least, bounds.most) == (1, 4)
    assert bounds.notes == ("autoscaler s: 1 to 4 replicas; it does not scale now: NoMetrics",)
    assert bounds_of("StatefulSet", {"metadata": {"name": "web"}}, [scaler], []).least is None


def test_the_strictest_disruption_budget_counts() -> None:
    workload = {
        "metadata": {"name": "web"},
        "spec": {"template": {"metadata": {"labels": {"app": "web", "tier": "front"}}}},
    }

    def budget(name: str, allowed: int, **selector: object) -> dict[str, Any]:
        return {
            "metadata": {"name": name},
            "spec": {"selector": selector},
            "status": {"disruptionsAllowed": allowed},
        }

    budgets = [
        budget("a", 2, matchLabels={"app": "web"}),
        budget("b", 1, matchExpressions=[{"key": "tier", "operator": "Exists"}]),
        budget("c", 0, matchLabels={"app": "other"}),
    ]
    bounds = bounds_of("Deployment", workload, [], budgets)
    assert bounds.spare == 1
    assert bounds.notes == (
        "disruption budget a: 2 may be missing now",
        "disruption budget b: 1 may be missing now",
    )


@pytest.mark.parametrize(
    ("operator", "values", "matches"),
    [
        ("In", ["web", "api"], True),
        ("In", ["api"], False),
        ("NotIn", ["api"], True),
        ("NotIn", ["web"], False),
        ("Exists", None, True),
        ("DoesNotExist", None, False),
        ("Gt", ["1"], False),
    ],
)
def test_expressions_of_selectors_match_as_in_the_cluster(
    operator: str, values: list[str] | None, matches: bool
) -> None:
    expression = {"key": "app", "operator": operator, "values": values}
    assert selects({"matchExpressions": [expression]}, {"app": "web"}) is matches


def test_a_recorded_rollout_is_told_as_kubectl_words_it() -> None:
    waiting = f'Waiting for deployment "{SERVICE}" rollout to finish: '
    assert [waits_for(Kind.DEPLOYMENT, each) for each in recorded("rollout")] == [
        "Waiting for deployment spec update to be observed...",
        f"{waiting}0 out of 2 new replicas have been updated...",
        f"{waiting}1 out of 2 new replicas have been updated...",
        f"{waiting}1 old replicas are pending termination...",
    ]


def rolling(kind: Kind, spec: dict[str, Any], status: dict[str, Any]) -> str:
    strategy = {"type": "RollingUpdate"}
    return waits_for(
        kind,
        {
            "metadata": {"name": "w", "generation": 2},
            "spec": {"updateStrategy": strategy, **spec},
            "status": {"observedGeneration": 2, **status},
        },
    )


@pytest.mark.parametrize(
    ("kind", "spec", "status", "words"),
    [
        (
            Kind.DEPLOYMENT,
            {"replicas": 2},
            {"replicas": 3, "updatedReplicas": 2, "availableReplicas": 2},
            'Waiting for deployment "w" rollout to finish: 1 old replicas are pending termination'
            "...",
        ),
        (
            Kind.DEPLOYMENT,
            {"replicas": 2},
            {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 1},
            'Waiting for deployment "w" rollout to finish: 1 of 2 updated replicas are available'
            "...",
        ),
        (
            Kind.DEPLOYMENT,
            {"replicas": 2},
            {"conditions": [{"type": "Progressing", "reason": "ProgressDeadlineExceeded"}]},
            'deployment "w" exceeded its progress deadline',
        ),
        (
            Kind.STATEFUL_SET,
            {"replicas": 3},
            {"readyReplicas": 1},
            "Waiting for 2 pods to be ready...",
        ),
        (
            Kind.STATEFUL_SET,
            {"replicas": 3},
            {
                "readyReplicas": 3,
                "updatedReplicas": 1,
                "updateRevision": "w-2",
                "currentRevision": "w-1",
            },
            "waiting for statefulset rolling update to complete 1 pods at revision w-2...",
        ),
        (
            Kind.STATEFUL_SET,
            {
                "replicas": 3,
                "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}},
            },
            {"readyReplicas": 3, "updatedReplicas": 1},
            "Waiting for partitioned roll out to finish: 1 out of 2 new pods have been updated...",
        ),
        (
            Kind.DAEMON_SET,
            {},
            {"desiredNumberScheduled": 3, "updatedNumberScheduled": 1},
            'Waiting for daemon set "w" rollout to finish: 1 out of 3 new pods have been updated'
            "...",
        ),
        (
            Kind.DAEMON_SET,
            {},
            {"desiredNumberScheduled": 3, "updatedNumberScheduled": 3, "numberAvailable": 2},
            'Waiting for daemon set "w" rollout to finish: 2 of 3 updated pods are available...',
        ),
        (
            Kind.STATEFUL_SET,
            {"updateStrategy": {"type": "OnDelete"}},
            {"observedGeneration": 1},
            "",
        ),
        (Kind.POD, {}, {}, ""),
    ],
)
def test_every_wait_of_a_rollout_has_kubectls_words(
    kind: Kind, spec: dict[str, Any], status: dict[str, Any], words: str
) -> None:
    assert rolling(kind, spec, status) == words


def test_revisions_are_kept_by_replica_sets_and_by_controller_revisions() -> None:
    kept = {
        "metadata": {
            "name": "redis-abc",
            "ownerReferences": [{"controller": True, "kind": "StatefulSet", "name": "redis"}],
        },
        "revision": 4,
        "data": {"spec": {"template": {"spec": {"containers": [{"name": "r", "image": "r:7"}]}}}},
    }
    found = revisions_of([*items("replicasets"), kept])
    assert [each.number for each in found[Kind.DEPLOYMENT, SERVICE]] == [1]
    assert found[Kind.DEPLOYMENT, SERVICE][0].images == {"app": "t-app:latest"}
    assert [(each.number, each.images) for each in found[Kind.STATEFUL_SET, "redis"]] == [
        (4, {"r": "r:7"})
    ]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("250m", 0.25),
        ("2", 2.0),
        ("12345678n", 0.012345678),
        ("64Mi", 64.0 * 1024**2),
        ("1.5Gi", 1.5 * 1024**3),
        ("128974848", 128974848.0),
        ("129e6", 129e6),
        ("123k", 123_000.0),
        (3, 3.0),
        ("much", None),
        ("", None),
        (None, None),
        (True, None),
    ],
)
def test_amounts_are_read_as_kubernetes_writes_them(written: object, value: float | None) -> None:
    assert amount(written) == pytest.approx(value)

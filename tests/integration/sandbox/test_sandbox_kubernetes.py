"""kubectl, as the steps call it."""

import json
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from procedures.environment import Method

Shell = Callable[[str], CompletedProcess[str]]

METHOD = Method.KUBERNETES


def test_a_rollout_restart_replaces_every_pod(shell: Shell) -> None:
    names = "kubectl -n llm-config get pods -l app=llm-config-manager -o name"
    before = set(shell(names).stdout.split())
    done = shell("""
        kubectl rollout restart deployment/llm-config-manager -n llm-config
        kubectl --context sandbox -n llm-config rollout status deployment llm-config-manager \
            --timeout=60s
        kubectl get deployment llm-config-manager -n llm-config \
            -o jsonpath='{.status.readyReplicas}'
    """)
    assert done.returncode == 0, done.stderr
    assert "successfully rolled out\n3" in done.stdout
    after = set(shell(names).stdout.split())
    assert (len(before), len(after), before & after) == (3, 3, set())


def test_undo_makes_a_revision_of_its_own(shell: Shell) -> None:
    done = shell("""
        kubectl rollout restart deployment llm-config-manager -n llm-config
        kubectl rollout status deployment llm-config-manager -n llm-config
        kubectl rollout undo deployment llm-config-manager -n llm-config
        kubectl rollout status deployment llm-config-manager -n llm-config
        kubectl rollout history deployment llm-config-manager -n llm-config
    """)
    assert done.returncode == 0, done.stderr
    assert "rolled back" in done.stdout
    assert "rollback to revision" in done.stdout.splitlines()[-1]


def test_scaling_down_takes_pods_away_and_up_brings_them_back(shell: Shell) -> None:
    done = shell("""
        kubectl -n llm-config scale deployment llm-config-manager --replicas=1
        until [ "$(kubectl -n llm-config get pods -l app=llm-config-manager -o name | wc -l)" = 1 ]
        do :; done
        kubectl -n llm-config scale deployment/llm-config-manager --replicas=3
        kubectl -n llm-config rollout status deployment/llm-config-manager
    """)
    assert done.returncode == 0, done.stderr


def test_json_holds_what_scripts_look_for(shell: Shell) -> None:
    pods = json.loads(shell("kubectl -n llm-config get pods -o json").stdout)["items"]
    assert {pod["metadata"]["labels"]["app"] for pod in pods} >= {"redis", "postgres"}
    assert all("ready" in pod["status"]["containerStatuses"][0] for pod in pods)


def test_what_a_command_changes_is_seen_by_the_next(shell: Shell) -> None:
    done = shell("""
        kube() { kubectl -n llm-config "$@"; }
        kube set env deployment/llm-config-manager RUST_LOG=debug > /dev/null
        kube rollout status deployment/llm-config-manager > /dev/null
        kube exec deployment/llm-config-manager -- printenv RUST_LOG
        kube set resources deployment/llm-config-manager --limits=memory=4Gi > /dev/null
        kube get deployment llm-config-manager \
            -o jsonpath='{.spec.template.spec.containers[0].resources.limits.memory}{"\\n"}'
        kube patch hpa llm-config-manager --type=merge -p '{"spec":{"minReplicas":2}}' > /dev/null
        kube get hpa llm-config-manager -o jsonpath='{.spec.minReplicas}{"\\n"}'
        kubectl cordon sandbox-node-1 > /dev/null
        kubectl get nodes | grep -c SchedulingDisabled
        kubectl uncordon sandbox-node-1 > /dev/null
        kube annotate deployment llm-config-manager --overwrite note=kept > /dev/null
        kube get deployment llm-config-manager -o jsonpath='{.metadata.annotations.note}{"\\n"}'
        kube scale statefulset/redis --replicas=0 > /dev/null
        kube wait --for=delete pod -l app=redis > /dev/null
        kube get statefulset redis --no-headers | cut -c 1-12
        kube scale statefulset/redis --replicas=1 > /dev/null
        kube rollout status statefulset/redis > /dev/null
        kube rollout status deployment/llm-config-manager > /dev/null
    """)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["debug", "4Gi", "2", "1", "kept", "redis", "0/0"]


def test_manifests_are_compared_before_they_are_applied(shell: Shell) -> None:
    done = shell("""
        kube() { kubectl -n llm-config "$@"; }
        printf 'apiVersion: v1\\nkind: ConfigMap\\nmetadata:\\n  name: extra\\n' > extra.yaml
        kube apply -f extra.yaml --server-side --dry-run=server
        kube diff -f extra.yaml > /dev/null || echo differs
        kube apply -f extra.yaml
        kube diff -f extra.yaml && echo same
        kube delete configmap extra
    """)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.split() if line in {"differs", "same"}] == [
        "differs",
        "same",
    ]


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("kubectl config current-context", "sandbox"),
        ("kubectl -n llm-config get pods -o wide", "redis-0"),
        ("kubectl get deployment llm-config-manager -n llm-config", "3/3"),
        ("kubectl -n llm-config top pod -l app=llm-config-manager", "Mi"),
        ("kubectl logs -n llm-config -l app=llm-config-manager --since=1h --tail=3", "INFO"),
        ("kubectl logs -n llm-config redis-0", "Server is ready"),
        ("kubectl -n llm-config exec redis-0 -- redis-cli ping", "PONG"),
        (
            "kubectl -n llm-config exec redis-0 -- sh -c 'REDISCLI_AUTH=\"$X\" redis-cli FLUSHALL'",
            "OK",
        ),
        ("kubectl exec -n llm-config postgres-0 -- pg_isready", "accepting"),
        ("kubectl -n llm-config describe pod redis-0", "Events:"),
        ("kubectl -n llm-config delete pod redis-0", 'pod "redis-0" deleted'),
        ("kubectl -n llm-config get events", "REASON"),
        ("kubectl -n llm-config rollout restart statefulset redis", "restarted"),
        ("kubectl get nodes", "sandbox-node-1"),
        ("kubectl -n llm-config get svc,endpoints", "postgres-service"),
        ("kubectl -n llm-config get pvc -o name", "persistentvolumeclaim/llm-config-data"),
        ("kubectl -n llm-config get hpa", "Deployment/llm-config-manager"),
        ("kubectl -n llm-config get secret -o yaml", "kind: Secret"),
        ("kubectl -n llm-config get configmap llm-config-manager-config -o yaml", "RUST_LOG: info"),
        ("kubectl -n llm-config get cronjob,job,pdb,ingress,networkpolicy", "llm-config-backup"),
        ("kubectl -n llm-config describe deployment llm-config-manager", "replicas: 3"),
        ("kubectl -n llm-config create job check --from=cronjob/llm-config-backup", "created"),
        ("kubectl -n llm-config auth can-i delete pods", "yes"),
        ("kubectl cluster-info", "running at"),
        ("kubectl -n llm-config wait --for=condition=Ready pod -l app=redis", "condition met"),
        ("kubectl -n llm-config exec deployment/llm-config-manager -- ls /etc/llm-config", "certs"),
        ("kubectl -n llm-config exec postgres-0 -- pg_dump -U llm_config_user llm_config", "COPY"),
    ],
)
def test_a_command_that_the_real_tool_takes_succeeds(shell: Shell, line: str, part: str) -> None:
    done = shell(line)
    assert done.returncode == 0, done.stderr
    assert part in done.stdout


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("kubectl --context production get pods", 1),
        ("kubectl rollout restart deployment llm-config-manager", 1),
        ("kubectl -n llm-config rollout restart deployment other", 1),
        ("kubectl -n llm-config get pod nothing", 1),
        ("kubectl -n llm-config exec nothing -- redis-cli ping", 1),
        ("kubectl get widgets", 64),
        ("kubectl apply -f x.yaml", 1),
        ("kubectl -n llm-config scale deployment llm-config-manager --replicas=10", 64),
        ("kubectl -n llm-config get pods -o go-template=x", 64),
    ],
)
def test_a_command_that_cannot_be_carried_out_fails_loudly(
    shell: Shell, line: str, status: int
) -> None:
    done = shell(line)
    assert done.returncode == status
    assert done.stderr
    assert "Traceback" not in done.stderr

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

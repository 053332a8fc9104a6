"""A step stays in the cluster that the console shows."""

from pathlib import Path

import pytest

from procedures.environment import Environment, Method, TargetAddress, Tier
from procedures.execution.other_clusters import why_elsewhere

HERE = Environment(
    name="prod",
    tier=Tier.PRODUCTION,
    method=Method.KUBERNETES,
    facts={"KUBE_CONTEXT": "prod-a"},
    targets=(
        TargetAddress(name="a", method=Method.KUBERNETES, context="prod-a"),
        TargetAddress(
            name="b", method=Method.KUBERNETES, context="prod-b", kubeconfig=Path("/etc/kube")
        ),
    ),
)


@pytest.mark.parametrize(
    "script",
    [
        'kubectl -n "$NAMESPACE" get pods',
        "kubectl --context prod-a get pods",
        "kubectl --context=prod-b get pods",
        'kubectl --context "$KUBE_CONTEXT" get pods',
        'kubectl --context="${KUBE_CONTEXT}" get pods',
        "kubectl --kubeconfig /etc/kube get pods",
        "kubectl config current-context",
        "echo --context other",
        "curl https://example.org/kubectl",
    ],
)
def test_what_stays_is_let_through(script: str) -> None:
    assert not why_elsewhere(script, HERE)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("kubectl --context other get pods", "context other"),
        ("kubectl get pods --context=other", "context other"),
        ('kubectl --context "$standby" get pods', "only when it runs"),
        ("sudo -u ops kubectl --context other get pods", "context other"),
        ("true && (kubectl --context other get pods)", "context other"),
        ("helm --kube-context other list", "context other"),
        ("kubectl --kubeconfig /tmp/x get pods", "another kubeconfig"),
        ("KUBECONFIG=/tmp/x kubectl get pods", "another kubeconfig"),
        ("env KUBECONFIG=/tmp/x kubectl get pods", "another kubeconfig"),
        ("export KUBECONFIG=/tmp/x\nkubectl get pods", "another kubeconfig"),
        ("kubectl --server https://example.org get pods", "a server of its own"),
        ("kubectl config use-context other", "change the kubeconfig"),
    ],
)
def test_what_goes_elsewhere_is_told(script: str, said: str) -> None:
    assert said in why_elsewhere(script, HERE)


def test_where_no_context_is_known_nothing_can_be_said() -> None:
    unpinned = Environment(name="x", tier=Tier.STAGING, method=Method.KUBERNETES)
    assert not why_elsewhere("kubectl --context other get pods", unpinned)


def test_other_methods_have_no_contexts() -> None:
    docker = Environment(
        name="x", tier=Tier.STAGING, method=Method.DOCKER, facts={"KUBE_CONTEXT": "a"}
    )
    assert not why_elsewhere("kubectl --context other get pods", docker)

"""How the servers of a control plane are called, all on loopback and in one directory."""

import shutil
import subprocess
from pathlib import Path

from tests.build_cache import cache

VERSION = "1.20.2"
BUILD = ".ci/control-plane"
_BUILD_S = 240
"""How long a build that is under way is waited for."""


def programs() -> Path | None:
    """Return the directory that `.ci/control-plane` built; None where it did not."""
    built = cache() / f"kubernetes-{VERSION}"
    return built if (built / "control-plane").exists() else None


def wait_for_build() -> None:
    """Wait as long as somebody is building it: `.ci/run` does so beside the other tests."""
    lock = cache() / f"kubernetes-{VERSION}.lock"
    if lock.exists():
        waiting = ("flock", "--shared", "--timeout", str(_BUILD_S), str(lock), "true")
        subprocess.run(waiting, check=False)


def missing() -> str:
    """Tell what a control plane lacks here, and how to get it; empty where it lacks nothing."""
    wait_for_build()
    ways = {
        f"run {BUILD}": programs(),
        "apt-get install etcd-server": shutil.which("etcd"),
        "apt-get install kubernetes-client": shutil.which("kubectl"),
    }
    lacking = [way for way, found in ways.items() if not found]
    return f"no Kubernetes control plane: {', '.join(lacking)}" if lacking else ""


def etcd(home: Path, clients: str, peers: str) -> list[str]:
    """Call etcd with the addresses for its clients and its peers."""
    return [
        "etcd",
        f"--data-dir={home}/etcd",
        "--unsafe-no-fsync",
        f"--listen-client-urls={clients}",
        f"--advertise-client-urls={clients}",
        f"--listen-peer-urls={peers}",
        f"--initial-advertise-peer-urls={peers}",
        f"--initial-cluster=default={peers}",
    ]


def api_server(home: Path, store: str, port: int) -> list[str]:
    """Call the API server on ``port``, over the etcd at ``store``."""
    return [
        *_part("kube-apiserver"),
        f"--etcd-servers={store}",
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        f"--cert-dir={home}/pki",
        f"--token-auth-file={home}/tokens.csv",
        "--authorization-mode=Node,RBAC",
        "--service-cluster-ip-range=10.96.0.0/24",
        "--endpoint-reconciler-type=none",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={home}/accounts.key",
        f"--service-account-signing-key-file={home}/accounts.key",
        # No pod here speaks to the API, so none has to wait for an account.
        "--disable-admission-plugins=ServiceAccount",
    ]


def controllers(kubeconfig: Path) -> list[str]:
    """Call the controller manager; autoscalers look every second."""
    often = "--horizontal-pod-autoscaler-sync-period=1s"
    return [*_part("kube-controller-manager"), *_client(kubeconfig), often]


def scheduler(kubeconfig: Path) -> list[str]:
    """Call the scheduler."""
    return [*_part("kube-scheduler"), *_client(kubeconfig)]


def _client(kubeconfig: Path) -> list[str]:
    return [f"--kubeconfig={kubeconfig}", "--leader-elect=false", "--port=0", "--secure-port=0"]


def _part(name: str) -> list[str]:
    built = programs()
    assert built, missing()
    return [str(built / "control-plane"), name]

"""A real Kubernetes control plane on loopback: etcd, API server, controllers and scheduler.

Its one node is a `PlayedKubelet`, so that pods become ready without a container anywhere.
"""

import os
import shutil
import ssl
import subprocess
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import httpx
import yaml

from tests import control_plane_commands as commands
from tests import measured_pods
from tests.played_kubelet import PlayedKubelet
from tests.prometheus_stack import free_port, wait_for
from tests.server_process import ServerProcess

TOKENS = {"admin": "token-of-admin", "viewer": "token-of-viewer", "stranger": "token-of-nobody"}
"""Who asks: admin may all, viewer what the role `view` lets read; nobody knows the stranger."""

_KNOWN = f"""\
{TOKENS["admin"]},admin,1,"system:masters"
{TOKENS["viewer"]},viewer,2,"viewers"
"""
_RBAC = "rbac.authorization.k8s.io"
_VIEWERS = {
    "metadata": {"name": "viewers"},
    "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": "view"},
    "subjects": [{"apiGroup": _RBAC, "kind": "Group", "name": "viewers"}],
}


class ControlPlane:
    """A cluster of one node, in a directory of its own.

    Attributes:
        url: Where the API server listens, in all its lives.
        api: The API server alone, to stop, start, pause and resume.
        kubelet: Who plays the node.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        port = free_port()
        self.url = f"https://127.0.0.1:{port}"
        self._store = f"http://127.0.0.1:{free_port()}"
        self._numbers = count(1)
        admin = self._kubeconfig_of("admin", "default")
        peers = f"http://127.0.0.1:{free_port()}"
        etcd = commands.etcd(home, self._store, peers)
        api = commands.api_server(home, self._store, port)
        self._etcd = ServerProcess("etcd", etcd, home, self._etcd_is_ready)
        self.api = ServerProcess("api-server", api, home, self._api_is_ready)
        self._controllers = ServerProcess("controllers", commands.controllers(admin), home)
        self._scheduler = ServerProcess("scheduler", commands.scheduler(admin), home)
        self.kubelet = PlayedKubelet(self.client)

    def start(self) -> None:
        """Start everything; return when the node is ready and the viewer may read."""
        (self.home / "tokens.csv").write_text(_KNOWN)
        key = ["openssl", "genrsa", "-out", str(self.home / "accounts.key"), "2048"]
        subprocess.run(key, check=True, capture_output=True)
        self._etcd.start()
        self.api.start()
        for user in TOKENS:
            self.kubeconfig(user)
        self._controllers.start()
        self._scheduler.start()
        self.kubelet.start()
        with self.client() as admin, self.client("viewer") as viewer:
            admin.post(f"/apis/{_RBAC}/v1/clusterrolebindings", json=_VIEWERS).raise_for_status()
            measured_pods.define(admin)
            wait_for(lambda: measured_pods.are_served(admin))
            # A controller fills the role from others.
            wait_for(lambda: viewer.get("/api/v1/namespaces/default/pods").is_success)

    def stop(self) -> None:
        """End everything, the last that was started first."""
        with ExitStack() as stack:
            for each in (self._etcd, self.api, self._controllers, self._scheduler, self.kubelet):
                stack.callback(each.stop)

    def kubeconfig(self, user: str = "admin", namespace: str = "default") -> Path:
        """Return the file by which a user reaches the cluster; its context has the user's name."""
        path = self._kubeconfig_of(user, namespace)
        if path.exists():
            return path
        authority = b64encode(self._certificate.read_bytes()).decode()
        cluster = {"server": self.url, "certificate-authority-data": authority}
        context = {"cluster": "test", "user": user, "namespace": namespace}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": user,
            "clusters": [{"name": "test", "cluster": cluster}],
            "users": [{"name": user, "user": {"token": TOKENS[user]}}],
            "contexts": [{"name": user, "context": context}],
        }
        path.touch(0o600)
        path.write_text(yaml.safe_dump(content))
        return path

    def kubectl(self, *words: str, stdin: str = "", user: str = "admin") -> str:
        """Return what kubectl prints; AssertionError carries what it complains."""
        done = subprocess.run(
            ["kubectl", *words],
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.home),
                "KUBECONFIG": str(self.kubeconfig(user)),
            },
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def client(self, user: str = "admin", timeout_s: float = 10.0) -> httpx.Client:
        """Return a client that speaks to the API server as a user."""
        return httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {TOKENS[user]}"},
            verify=ssl.create_default_context(cafile=str(self._certificate)),
            timeout=timeout_s,
            trust_env=False,
        )

    def namespace(self) -> str:
        """Create a namespace and return its name."""
        name = f"room-{next(self._numbers)}"
        self.kubectl("create", "namespace", name)
        return name

    def measure(self, namespace: str, pod: str, cpu: str, memory: str) -> None:
        """Say what a pod uses, each of its containers so much: `250m` and `64Mi`."""
        with self.client() as admin:
            measured_pods.measure(admin, namespace, pod, cpu, memory)

    def compact(self) -> None:
        """Let etcd forget all but the present: a list continued from before answers 410.

        Watches are served from the API server's own memory as before: see `forget`.
        """
        with httpx.Client(base_url=f"{self._store}/v3/kv", trust_env=False) as etcd:
            # A revision of its own: what anybody has read until now is of the past.
            key = b64encode(b"/quarterdeck-test").decode()
            written = etcd.post("put", json={"key": key}).raise_for_status()
            present = {"revision": written.json()["header"]["revision"], "physical": True}
            etcd.post("compaction", json=present).raise_for_status()

    def forget(self) -> None:
        """Compact while the API server restarts: also a watch from before answers 410."""
        self.api.stop()
        self.compact()
        self.api.start()

    @property
    def _certificate(self) -> Path:
        return self.home / "pki" / "apiserver.crt"

    def _kubeconfig_of(self, user: str, namespace: str) -> Path:
        return self.home / f"{user}-{namespace}.kubeconfig"

    def _etcd_is_ready(self) -> bool:
        return _answers(httpx.Client(base_url=self._store, trust_env=False), "/health")

    def _api_is_ready(self) -> bool:
        try:
            client = self.client(timeout_s=2)
        except (FileNotFoundError, ssl.SSLError):  # not written yet, or not to its end
            return False
        return _answers(client, "/readyz")


def _answers(client: httpx.Client, path: str) -> bool:
    with client:
        try:
            return client.get(path).is_success
        except httpx.HTTPError:
            return False


@contextmanager
def running_control_plane() -> Iterator[ControlPlane]:
    """Yield a control plane that runs, with a directory of its own."""
    home = Path(tempfile.mkdtemp(prefix="qd-k8s"))
    try:
        plane = ControlPlane(home)
        try:
            plane.start()
            yield plane
        finally:
            plane.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)

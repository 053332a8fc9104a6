"""A node and its kubelet, played: it says of pods what a kubelet says, and runs nothing."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from itertools import count

import httpx

from procedures.clock import SystemClock
from tests import played_pods as pods
from tests.played_pods import Fate, Json
from tests.prometheus_stack import wait_for

NODE = "node-1"
LOOK_EVERY_S = 0.1
BEAT_EVERY_S = 2.0
_MERGE = {"Content-Type": "application/strategic-merge-patch+json"}


class PlayedKubelet:
    """Makes what is scheduled to its node run and be ready, and takes away what is deleted.

    It looks again and again, as a kubelet does: an API server that hangs only delays it.

    Attributes:
        fates: What befalls pods, by the beginning of their name or by the image of a container.
    """

    def __init__(self, client: Callable[[], httpx.Client]) -> None:
        self.fates: dict[str, Fate] = {}
        self._client = client
        self._clock = SystemClock()
        self._addresses = count(2)
        self._is_ready = True
        self._beaten_at: datetime | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._play, name="played-kubelet", daemon=True)

    def start(self) -> None:
        """Register the node and play from now on; return when the node may be used."""
        with self._client() as api:
            api.post("/api/v1/nodes", json={"metadata": {"name": NODE}}).raise_for_status()
            self._beat(api)
            self._thread.start()
            wait_for(lambda: not _json(api, f"/api/v1/nodes/{NODE}")["spec"].get("taints"))

    def stop(self) -> None:
        """Say nothing more: after a while the cluster will call the node lost."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def say_ready(self, ready: bool) -> None:
        """Let the node itself say whether it is ready."""
        self._is_ready = ready
        with self._client() as api:
            self._beat(api)

    def crash(self, namespace: str, pod: str, fate: Fate = pods.CRASHING) -> None:
        """End a pod's containers once; they are started again by themselves."""
        with self._client() as api:
            found = _json(api, f"/api/v1/namespaces/{namespace}/pods/{pod}")
            self._say(api, found, pods.ended(found, self._address(), self._clock.now(), fate))

    def _play(self) -> None:
        with self._client() as api:
            while not self._ended.wait(LOOK_EVERY_S):
                with suppress(httpx.HTTPError):  # an API server that is away comes back
                    self._look(api)

    def _look(self, api: httpx.Client) -> None:
        now = self._clock.now()
        if self._beaten_at is None or (now - self._beaten_at).total_seconds() >= BEAT_EVERY_S:
            self._beat(api)
        for pod in _json(api, f"/api/v1/pods?fieldSelector=spec.nodeName={NODE}")["items"]:
            if pods.is_going(pod):
                api.request("DELETE", _path(pod), json={"gracePeriodSeconds": 0})
            elif not pods.is_over(pod):
                self._tend(api, pod, now)

    def _tend(self, api: httpx.Client, pod: Json, now: datetime) -> None:
        """Bring a pod one step nearer to what it should be, where it is not so yet."""
        fate = self._fate_of(pod)
        if fate is not None:
            if not pods.has_met(pod, fate):
                self._say(api, pod, pods.fated(pod, self._address(), now, fate))
                self._tell(api, pod, "Warning", "BackOff" if fate.waits else "Unhealthy")
        elif pod["spec"]["restartPolicy"] != "Always":
            self._say(api, pod, pods.succeeded(pod, self._address(), now))
        elif not pods.is_ready(pod):
            self._say(api, pod, pods.running(pod, self._address(), now))
            self._tell(api, pod, "Normal", "Started")

    def _fate_of(self, pod: Json) -> Fate | None:
        images = {each["image"] for each in pod["spec"]["containers"]}
        for key, fate in list(self.fates.items()):
            if key in images or pod["metadata"]["name"].startswith(key):
                return fate
        return None

    def _say(self, api: httpx.Client, pod: Json, status: Json) -> None:
        """Patch the status of this pod, never that of another which took its name."""
        mine = {"metadata": {"uid": pod["metadata"]["uid"]}, "status": status}
        api.patch(f"{_path(pod)}/status", json=mine, headers=_MERGE)

    def _tell(self, api: httpx.Client, pod: Json, kind: str, reason: str) -> None:
        """Write an event about a pod."""
        at = pods.stamp(self._clock.now())
        about = {key: pod["metadata"][key] for key in ("name", "namespace", "uid")}
        event = {
            "metadata": {"generateName": f"{about['name']}."},
            "involvedObject": {"apiVersion": "v1", "kind": "Pod", **about},
            "type": kind,
            "reason": reason,
            "message": f"played: {reason}",
            "source": {"component": "kubelet", "host": NODE},
            "firstTimestamp": at,
            "lastTimestamp": at,
            "count": 1,
        }
        api.post(f"/api/v1/namespaces/{about['namespace']}/events", json=event)

    def _beat(self, api: httpx.Client) -> None:
        self._beaten_at = self._clock.now()
        at = pods.stamp(self._beaten_at)
        ready = {
            "type": "Ready",
            "status": str(self._is_ready),
            "reason": "KubeletReady" if self._is_ready else "KubeletNotReady",
            "message": "played",
            "lastHeartbeatTime": at,
        }
        room = {"cpu": "64", "memory": "256Gi", "pods": "1000"}
        status = {
            "conditions": [ready],
            "capacity": room,
            "allocatable": room,
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
            "nodeInfo": {"kubeletVersion": "v1.20.2", "containerRuntimeVersion": "played://1"},
        }
        api.patch(
            f"/api/v1/nodes/{NODE}/status", json={"status": status}, headers=_MERGE
        ).raise_for_status()

    def _address(self) -> str:
        number = next(self._addresses)
        return f"10.244.{number // 250 % 250}.{number % 250 + 1}"


def _path(pod: Json) -> str:
    return f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"


def _json(api: httpx.Client, path: str) -> Json:
    answer: Json = api.get(path).raise_for_status().json()
    return answer

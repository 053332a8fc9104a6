"""The control plane of the tests is a real one: what it does not play, it does itself."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import pytest

from tests.control_plane import ControlPlane
from tests.played_kubelet import NODE
from tests.played_pods import CRASHING, NO_IMAGE, OUT_OF_MEMORY, UNREADY, Fate
from tests.prometheus_stack import wait_for

pytestmark = pytest.mark.kubernetes

IMAGE = "llm-config-manager:1.4.2"


@dataclass(frozen=True)
class Room:
    """A namespace with a deployment of three that is ready."""

    plane: ControlPlane
    name: str

    def kubectl(self, *words: str, user: str = "admin") -> str:
        return self.plane.kubectl("-n", self.name, *words, user=user)

    def pods(self) -> list[dict[str, Any]]:
        """Return the pods of the deployment that nobody has deleted."""
        found = json.loads(self.kubectl("get", "pods", "-l", "app=service", "-o", "json"))["items"]
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def names(self) -> set[str]:
        return {pod["metadata"]["name"] for pod in self.pods()}

    def rolled(self) -> str:
        return self.kubectl("rollout", "status", "deployment/service", "--timeout=60s")

    def all_pods(self, holds: Callable[[dict[str, Any]], bool]) -> None:
        """Wait until it holds of the first container of every pod."""

        def done() -> bool:
            found = [pod["status"].get("containerStatuses") for pod in self.pods()]
            return bool(found) and all(each and holds(each[0]) for each in found)

        wait_for(done)


@pytest.fixture
def room(control_plane: ControlPlane) -> Iterator[Room]:
    room = Room(control_plane, control_plane.namespace())
    room.kubectl("create", "deployment", "service", f"--image={IMAGE}", "--replicas=3")
    room.rolled()
    yield room
    control_plane.kubelet.fates.clear()
    room.kubectl("delete", "namespace", room.name, "--wait=false")


def test_it_says_which_kubernetes_it_is(control_plane: ControlPlane) -> None:
    with control_plane.client() as admin:
        version = admin.get("/version").json()
    assert (version["gitVersion"], version["major"], version["minor"]) == ("v1.20.2", "1", "20")


def test_a_rollout_replaces_every_pod_and_is_undone(room: Room) -> None:
    before = room.names()
    room.kubectl("set", "image", "deployment/service", "*=llm-config-manager:1.5.0")
    assert "successfully rolled out" in room.rolled()
    after = room.names()
    assert (len(before), len(after), before & after) == (3, 3, set())
    room.kubectl("rollout", "undo", "deployment/service")
    room.rolled()
    assert {pod["spec"]["containers"][0]["image"] for pod in room.pods()} == {IMAGE}


@pytest.mark.parametrize("replicas", [5, 1, 0])
def test_it_scales_to_what_it_is_told(room: Room, replicas: int) -> None:
    room.kubectl("scale", "deployment/service", f"--replicas={replicas}")
    room.rolled()
    wait_for(lambda: len(room.pods()) == replicas)


def test_a_deleted_pod_is_replaced(room: Room) -> None:
    gone = min(room.names())
    room.kubectl("delete", "pod", gone)
    room.rolled()
    assert len(room.names()) == 3
    assert gone not in room.names()


def test_a_stateful_set_starts_one_after_the_other(room: Room) -> None:
    container = {"name": "store", "image": "redis:7"}
    labels = {"app": "store"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    wanted = {"serviceName": "store", "replicas": 2, "selector": {"matchLabels": labels}}
    body = {"metadata": {"name": "store"}, "spec": wanted | {"template": template}}
    with room.plane.client() as admin:
        place = f"/apis/apps/v1/namespaces/{room.name}/statefulsets"
        admin.post(place, json=body).raise_for_status()
    room.kubectl("rollout", "status", "statefulset/store", "--timeout=60s")
    names = room.kubectl("get", "pods", "-l", "app=store", "-o", "name").split()
    assert names == ["pod/store-0", "pod/store-1"]


def test_a_job_comes_to_its_end(room: Room) -> None:
    room.kubectl("create", "job", "backup", f"--image={IMAGE}")
    room.kubectl("wait", "--for=condition=complete", "job/backup", "--timeout=60s")


def test_the_viewer_may_read_pods_but_no_secret(room: Room) -> None:
    assert room.kubectl("get", "pods", user="viewer")
    with room.plane.client("viewer") as viewer:
        refused = viewer.get(f"/api/v1/namespaces/{room.name}/secrets")
    assert refused.status_code == 403
    assert refused.json()["reason"] == "Forbidden"


def test_a_stranger_is_not_let_in(control_plane: ControlPlane) -> None:
    with control_plane.client("stranger") as stranger:
        assert stranger.get("/api/v1/namespaces").status_code == 401


@pytest.mark.parametrize(
    ("fate", "waits", "ended"),
    [
        (CRASHING, "CrashLoopBackOff", "Error"),
        (OUT_OF_MEMORY, "CrashLoopBackOff", "OOMKilled"),
        (NO_IMAGE, "ImagePullBackOff", None),
        (UNREADY, None, None),
    ],
)
def test_pods_meet_their_fate_and_recover(
    room: Room, fate: Fate, waits: str | None, ended: str | None
) -> None:
    room.plane.kubelet.fates["service-"] = fate
    room.all_pods(lambda each: not each["ready"])
    for pod in room.pods():
        status = pod["status"]["containerStatuses"][0]
        assert status["state"].get("waiting", {}).get("reason") == waits
        assert status["lastState"].get("terminated", {}).get("reason") == ended
        assert (status["restartCount"] > 0) is (ended is not None)
    room.plane.kubelet.fates.clear()
    room.rolled()
    room.all_pods(lambda each: each["ready"])


def test_a_new_image_that_crashes_leaves_the_old_pods_at_work(room: Room) -> None:
    room.plane.kubelet.fates["broken:1"] = CRASHING
    before = room.names()
    room.kubectl("set", "image", "deployment/service", "*=broken:1")
    wait_for(lambda: "CrashLoopBackOff" in room.kubectl("get", "pods"))
    assert len(before & room.names()) == 3


def test_a_crashed_pod_is_started_again_and_counts_it(room: Room) -> None:
    pod = min(room.names())
    for restarts in (1, 2):
        room.plane.kubelet.crash(room.name, pod, OUT_OF_MEMORY)
        wait_for(partial(_runs_after, room, pod, restarts))


def _runs_after(room: Room, pod: str, restarts: int) -> bool:
    """Tell whether a pod is ready again, as often restarted as said, for want of memory."""
    status = json.loads(room.kubectl("get", "pod", pod, "-o", "json"))["status"]
    each = status["containerStatuses"][0]
    ended = each["lastState"].get("terminated", {}).get("reason")
    return (each["ready"], each["restartCount"], ended) == (True, restarts, "OOMKilled")


def test_a_node_that_is_not_ready_takes_its_pods_along(room: Room) -> None:
    room.plane.kubelet.say_ready(False)
    try:
        wait_for(lambda: " NotReady" in room.kubectl("get", "node", NODE))
    finally:
        room.plane.kubelet.say_ready(True)
    wait_for(lambda: " Ready" in room.kubectl("get", "node", NODE))
    room.rolled()


def test_what_a_pod_uses_is_what_was_measured(room: Room) -> None:
    pod = min(room.names())
    for cpu, memory in (("250m", "64Mi"), ("300m", "80Mi")):
        room.plane.measure(room.name, pod, cpu, memory)
        assert room.kubectl("top", "pod", pod, "--no-headers").split() == [pod, cpu, memory]


def test_a_list_continued_from_before_a_compaction_is_gone(room: Room) -> None:
    with room.plane.client() as admin:
        place = f"/api/v1/namespaces/{room.name}/pods?limit=1"
        token = admin.get(place).raise_for_status().json()["metadata"]["continue"]
        room.plane.compact()
        answer = admin.get(f"{place}&continue={token}")
    assert (answer.status_code, answer.json()["reason"]) == (410, "Expired")


def test_a_watch_since_a_forgotten_revision_ends_with_a_410(room: Room) -> None:
    place = f"/api/v1/namespaces/{room.name}/pods"
    with room.plane.client() as admin:
        revision = admin.get(place).json()["metadata"]["resourceVersion"]
        room.plane.forget()
        watch = f"{place}?watch=true&timeoutSeconds=5&resourceVersion={revision}"
        answer = admin.get(watch)
    assert answer.status_code == 200
    told = json.loads(answer.text.splitlines()[0])
    assert (told["type"], told["object"]["code"]) == ("ERROR", 410)


def test_an_api_server_that_hangs_is_there_again_when_it_goes_on(room: Room) -> None:
    room.plane.api.pause()
    try:
        with room.plane.client(timeout_s=1) as admin, pytest.raises(httpx.TimeoutException):
            admin.get("/api/v1/namespaces")
    finally:
        room.plane.api.resume()
    room.kubectl("scale", "deployment/service", "--replicas=4")
    room.rolled()


def test_an_api_server_that_restarts_is_at_the_same_place(room: Room) -> None:
    room.plane.api.stop()
    with pytest.raises(httpx.ConnectError), room.plane.client() as admin:
        admin.get("/api/v1/namespaces")
    room.plane.api.start()
    room.kubectl("scale", "deployment/service", "--replicas=2")
    room.rolled()
    wait_for(lambda: len(room.pods()) == 2)

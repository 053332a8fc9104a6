"""What each verb of kubectl that the catalogue uses shall do on a real API server.

The lines run as they stand in the documents; only what their variables hold is the test's.
"""

import re
from collections.abc import Callable, Sequence
from functools import partial

from tests.integration.targets import catalogue_readings as readings
from tests.integration.targets import catalogue_room as rooms
from tests.integration.targets.catalogue_lines import Line, fence
from tests.integration.targets.catalogue_readings import printed
from tests.integration.targets.catalogue_room import Room
from tests.integration.targets.kubernetes_stand import SERVICE
from tests.prometheus_stack import wait_for

ALL = f"app in ({SERVICE}, postgres, redis)"

Exercise = Callable[[Room, Sequence[Line]], None]


def annotate(room: Room, lines: Sequence[Line]) -> None:
    for line in lines:
        room.run(line.text, revision="7", replicas="5")
    found = room.deployment()["metadata"]["annotations"]
    for line in lines:
        key, value = re.findall(r"([a-z-]+)=\"?\$(\w+)", line.text)[-1]
        assert found[key] == {"revision": "7", "replicas": "5"}[value]


def apply_files(room: Room, lines: Sequence[Line]) -> None:
    """Files are made as the documents make them; the secrets come from standard input."""
    place = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": room.name}}
    room.write("namespace.yaml", place)
    _, postgres, redis = rooms.workloads()
    room.write("postgres.yaml", postgres)
    room.write("redis.yaml", redis)
    room.write("configmap.yaml", rooms.config_map())
    room.write("cronjob.yaml", rooms.cron_job("0 3 * * *"))
    room.write("before/cronjob.yaml", rooms.cron_job("0 4 * * *"))
    pod = room.write("pod.yaml", rooms.helper_pod("applied"))
    files = {"manifests": str(room.folder), "work": str(room.folder), "name": "configmap"}
    files |= {"pod": str(pod), "copy": str(room.folder / "configmap.yaml")}
    for line in lines:
        if not line.reads_input:
            told = room.run(line.text, **files)
            assert re.search(r" (created|configured|unchanged|serverside-applied)", told), line
    schedule = room.get("cronjob", "llm-config-backup")["spec"]["schedule"]
    assert schedule in {"0 3 * * *", "0 4 * * *"}
    assert room.get("pod", "applied")
    new = {"certificate": room.folder / "new.crt", "key": room.folder / "new.key"}
    for name, path in new.items():
        path.write_text(f"the new {name}")
    put, back = (line.script for line in lines if line.reads_input)
    before = room.get("secret", "llm-config-tls-cert")["data"]
    room.run(put, **{name: str(path) for name, path in new.items()})
    assert room.get("secret", "llm-config-tls-cert")["data"] != before
    assert room.get("secret", "llm-config-tls-cert-previous")["data"] == before
    room.run(back)
    assert room.get("secret", "llm-config-tls-cert")["data"] == before


def delete(room: Room, lines: Sequence[Line]) -> None:
    pods = ("restore-files", "copy-volume")
    room.apply(*map(rooms.helper_pod, pods))
    gone = room.pods()[0]
    for line in lines:
        room.run(line.text, pod=f"pod/{gone}")
    left = {each["metadata"]["name"] for each in room.get("pods,cronjobs")["items"]}
    assert not left & {*pods, gone, "llm-config-backup"}
    room.apply(rooms.cron_job())
    room.rolled()
    assert len(room.pods()) == 3


def patch(room: Room, lines: Sequence[Line]) -> None:
    for line in lines:
        room.run(line.text, replicas="5")
        if "$replicas" in line.text:
            assert room.get("hpa", SERVICE)["spec"]["minReplicas"] == 5
            wait_for(lambda: len(room.pods()) == 5)
    assert room.get("hpa", SERVICE)["spec"]["minReplicas"] == 3
    assert room.deployment()["spec"]["template"]["spec"]["securityContext"]["fsGroup"] == 1000
    room.kubectl("scale", f"deployment/{SERVICE}", "--replicas=3")
    room.rolled()


def restart(room: Room, lines: Sequence[Line]) -> None:
    """Not one pod of before is left, of service and stores."""

    def pods() -> set[str]:
        return {each["metadata"]["uid"] for each in room.get("pods", "-l", ALL)["items"]}

    before = pods()
    for line in lines:
        room.run(line.text)
    room.rolled()
    wait_for(lambda: len(pods()) == 5)
    assert not before & pods()


def undo(room: Room, lines: Sequence[Line]) -> None:
    """The revision is read and noted as the documents do it."""
    read = re.findall(r"^revision=.*$", fence("thread-exhaustion", "annotate"), re.MULTILINE)[0]
    for line in lines:
        before = room.container()["image"]
        revision = room.run(f'{read}\necho "$revision"').strip()
        change = ("set", "image", f"deploy/{SERVICE}", f"{SERVICE}=other:{len(line.text)}")
        room.kubectl(*change)
        room.rolled()
        assert room.container()["image"] != before
        room.run(line.text, revision=revision)
        room.rolled()
        assert room.container()["image"] == before


def scale(room: Room, lines: Sequence[Line]) -> None:
    """The highest number comes last, and the pods with it."""
    for line in sorted(lines, key=lambda each: "replicas=0" not in each.text):
        room.run(line.text, replicas="3")
        kind, name = re.findall(r"scale (\w+)[/ ](\S+)", line.text)[0]
        wanted = int(re.findall(r"replicas=\D*(\d)", line.text)[0])
        name = SERVICE if "$" in name else name
        assert room.get(kind, name)["spec"]["replicas"] == wanted
        if not wanted:
            wait_for(partial(_is_at_rest, room, kind, name))
    room.rolled()
    assert len(room.pods()) == 3


def set_env(room: Room, lines: Sequence[Line]) -> None:
    """All changes roll out at once: each by itself would only be overtaken by the next."""
    room.kubectl("rollout", "pause", f"deployment/{SERVICE}")
    for line in lines:
        names = re.findall(r'=["$]*(\w+)"?', line.text)
        room.run(line.text, **{name: "17" for name in names if name.islower()})
        given = {each["name"]: each["value"] for each in room.container()["env"]}
        for key, value in re.findall(r'([A-Z0-9_]+)="?(\$?\w+)', line.text):
            assert given[key] == ("17" if value.startswith("$") else value), line
    room.kubectl("rollout", "resume", f"deployment/{SERVICE}")
    room.rolled()


def set_image(room: Room, lines: Sequence[Line]) -> None:
    for line in lines:
        room.run(line.text, release="llm-config-manager:1.5.0")
    pod = room.deployment()["spec"]["template"]["spec"]
    images = {each["image"] for each in (*pod["containers"], *pod["initContainers"])}
    assert images == {"llm-config-manager:1.5.0"}
    room.rolled()


def set_resources(room: Room, lines: Sequence[Line]) -> None:
    for line in lines:
        room.run(line.text, limit_gib="4")
    found = room.container()["resources"]
    assert (found["limits"]["memory"], found["requests"]["memory"]) == ("4Gi", "2Gi")
    room.rolled()


def wait(room: Room, lines: Sequence[Line]) -> None:
    """A pod that becomes ready, a job that ends, a pod that goes."""
    room.apply(*map(rooms.helper_pod, ("restore-files", "copy-volume")))
    room.kubectl("create", "job", "waited", f"--image={rooms.IMAGE}")
    room.kubectl("scale", "sts/postgres", "--replicas=0")
    for line, told in printed(room, lines, job="waited"):
        assert "condition met" in told or "--for=delete" in line.text, line
    names = {each["metadata"]["name"] for each in room.get("pods")["items"]}
    assert "postgres-0" not in names
    room.kubectl("scale", "sts/postgres", "--replicas=1")
    room.kubectl("delete", "pod", "restore-files", "copy-volume")
    room.rolled()


def _is_at_rest(room: Room, kind: str, name: str) -> bool:
    return not room.get(kind, name)["status"].get("replicas", 0)


EXERCISES: dict[str, Exercise] = {
    "annotate": annotate,
    "apply": apply_files,
    "cluster-info": readings.cluster_info,
    "config current-context": readings.current_context,
    "delete": delete,
    "describe": readings.describe,
    "diff": readings.diff,
    "get": readings.get,
    "patch": patch,
    "rollout history": readings.history,
    "rollout restart": restart,
    "rollout status": readings.status,
    "rollout undo": undo,
    "scale": scale,
    "set env": set_env,
    "set image": set_image,
    "set resources": set_resources,
    "top pod": readings.top,
    "wait": wait,
}

APART = {"create", "logs"}
"""Verbs with a test of their own, which needs more than a furnished room."""

IN_THE_SANDBOX = {
    "create job": "cron jobs of this server have a version that clients of today make no job from",
    "exec": "the played node has no containers with a shell, a database and a cache in them",
}
"""Verbs that another cluster would be needed for, and why; the walks in the sandbox run them."""

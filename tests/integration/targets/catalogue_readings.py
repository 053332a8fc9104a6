"""What the catalogue's reading verbs of kubectl show of a real cluster."""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.integration.targets import catalogue_room as rooms
from tests.integration.targets.catalogue_lines import Line
from tests.integration.targets.catalogue_room import Room
from tests.integration.targets.kubernetes_stand import SERVICE
from tests.kubelet_api import KubeletApi

WORDS = ("llm-config-manager-secrets", "ENCRYPTION_KEY")
"""The words that a document's own function is called with."""

VARIABLES = {
    "kind": "configmap",
    "name": "redis-secrets",
    "pair": "postgres-secrets/POSTGRES_PASSWORD",
    "replicas": "3",
}
"""What documents put into their own variables, where a line is read alone."""

UNSET = ("metadata.annotations", "hostNetwork")
"""What a deployment need not have, so that nothing is printed."""


def cluster_info(room: Room, lines: Sequence[Line]) -> None:
    assert all(room.plane.url in room.run(line.text) for line in lines)


def current_context(room: Room, lines: Sequence[Line]) -> None:
    assert [room.run(line.text) for line in lines] == ["admin\n"]


def describe(room: Room, lines: Sequence[Line]) -> None:
    for line, told in printed(room, lines):
        assert re.search(r"^Name: ", told, re.MULTILINE), line


def diff(room: Room, lines: Sequence[Line]) -> None:
    """Nothing differs: 0 and silence; a changed value: 1 and the value."""
    same = rooms.config_map()
    same["metadata"]["namespace"] = room.name  # a backup's manifest names it
    other = same | {"data": {"DATABASE_POOL_SIZE": "40"}}
    files = {"manifests": str(room.folder), "work": str(room.folder), "name": "configmap"}
    for manifest, status, shown in ((same, 0, False), (other, 1, True)):
        for path in ("configmap.yaml", "configuration/configmap.yaml"):
            room.write(path, manifest)
        for line in lines:
            found, told, _ = room.attempt(line.text, **files)
            assert (found, "40" in told) == (status, shown), line


def get(room: Room, lines: Sequence[Line]) -> None:
    room.kubectl("create", "job", "by-hand", f"--image={rooms.IMAGE}")
    for line, told in printed(room, lines):
        assert told.strip() or any(each in line.text for each in UNSET), line


def history(room: Room, lines: Sequence[Line]) -> None:
    for _, told in printed(room, lines):
        assert re.search(r"^REVISION +CHANGE-CAUSE\n\d+ ", told, re.MULTILINE)


def logs(room: Room, lines: Sequence[Line], kubelet_api: KubeletApi) -> None:
    room.kubectl("create", "job", "archive", f"--image={rooms.IMAGE}")
    room.kubectl("wait", "--for=condition=complete", "job/archive")
    (archive,) = room.get("pods", "-l", "job-name=archive")["items"]
    kubelet_api.write(archive["metadata"]["name"], "archive", "said by archive")
    for name in (*room.pods(), *(f"{each}-0" for each in rooms.STORES)):
        container = name.rpartition("-")[0] if name.endswith("-0") else SERVICE
        for each in (container, "db-migration"):
            kubelet_api.write(name, each, f"said by {name}")
            kubelet_api.write(f"{name} before", each, f"said before by {name}")
    for line, told in printed(room, lines, pod=f"pod/{room.pods()[0]}", job="archive"):
        word = "before" if "--previous" in line.text else "said by"
        assert word in told or "ingress-nginx" in line.text, line


def status(room: Room, lines: Sequence[Line]) -> None:
    for line, told in printed(room, lines):
        assert re.search("successfully rolled out|roll(ing update|[ ]out) complete", told), line


def top(room: Room, lines: Sequence[Line]) -> None:
    measured = [*room.pods(), "redis-0"]
    for each in measured:
        room.plane.measure(room.name, each, "250m", "64Mi")
    for line, told in printed(room, lines):
        names = measured[-1:] if "redis-0" in line.text else measured[:3]
        rows = [row.split() for row in told.splitlines()]
        assert all([name, "250m", "64Mi"] in rows for name in names), line


def printed(room: Room, lines: Sequence[Line], **variables: str) -> list[tuple[Line, str]]:
    """Run lines that do not disturb one another; return each with what it prints."""

    def told(line: Line) -> str:
        found = VARIABLES | variables
        if "{.data.$name}" in line.text:
            found["name"] = "REDIS_PASSWORD"
        return room.run(line.text, *WORDS, **found)

    with ThreadPoolExecutor(4) as pool:
        return list(zip(lines, pool.map(told, lines), strict=True))

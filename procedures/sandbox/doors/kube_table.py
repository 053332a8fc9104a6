"""Objects as the server's own tables, which kubectl prints; pure."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from procedures.sandbox.doors.kube_resources import Resource
from procedures.sandbox.shims import kube_tables
from procedures.sandbox.shims.spans import short

Object = dict[str, Any]
Cells = list[str]
_POD = (("Name", "Ready", "Status", "Restarts", "Age"), ("IP", "Node"))
_DEPLOYMENT = (("Name", "Ready", "Up-to-date", "Available", "Age"), ("Containers", "Images"))
_EVENT = (("Last Seen", "Type", "Reason", "Object", "Message"), ())


def wanted(accept: str) -> bool:
    """Tell whether a client asks for a table rather than for objects."""
    return "as=Table" in accept.partition(",")[0]


def table(resource: Resource, found: Sequence[Object], now: float, include: str) -> dict[str, Any]:
    """Return objects as a table.

    Args:
        resource: What they are.
        found: The objects, complete.
        now: Unix time, for their ages.
        include: How much of each object comes along: ``None``, ``Metadata`` or ``Object``.
    """
    (names, more), cells = _cells(resource.made, found, now)
    columns = [
        {
            "name": name,
            "type": "string",
            "format": "name" if name == "Name" else "",
            "description": "",
            "priority": int(name in more),
        }
        for name in (*names, *more)
    ]
    rows = [
        {"cells": row, "object": _included(each, include)}
        for row, each in zip(cells, found, strict=True)
    ]
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {},
        "columnDefinitions": columns,
        "rows": rows,
    }


def _included(each: Object, include: str) -> Object | None:
    if include == "None":
        return None
    if include == "Object":
        return each
    kind = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}
    return {**kind, "metadata": each["metadata"]}


def _cells(
    made: str, found: Sequence[Object], now: float
) -> tuple[tuple[Sequence[str], Sequence[str]], list[Cells]]:
    special: dict[str, tuple[Any, Callable[[Object, float], Cells]]] = {
        "pod": (_POD, _pod),
        "deployment": (_DEPLOYMENT, _deployment),
        "event": (_EVENT, _event),
    }
    if made in special:
        heading, row = special[made]
        return heading, [row(each, now) for each in found]
    head, *rows = kube_tables.rows(made, list(found), now)
    return ([name.title() for name in head], ()), [list(row) for row in rows]


def _pod(each: Object, now: float) -> Cells:
    status, metadata = each.get("status", {}), each["metadata"]
    containers = status.get("containerStatuses", [])
    waiting = [c["state"]["waiting"]["reason"] for c in containers if "waiting" in c["state"]]
    word = waiting[0] if waiting else status.get("phase", "Unknown")
    ready = sum(c["ready"] for c in containers)
    return [
        metadata["name"],
        f"{ready}/{len(containers)}",
        "Terminating" if "deletionTimestamp" in metadata else word,
        str(sum(c["restartCount"] for c in containers)),
        kube_tables.age(each, now),
        status.get("podIP", "<none>"),
        each["spec"].get("nodeName", "<none>"),
    ]


def _deployment(each: Object, now: float) -> Cells:
    cells = list(kube_tables.rows("deployment", [each], now)[1])
    containers = each["spec"]["template"]["spec"]["containers"]
    return [*cells, *(",".join(c[part] for c in containers) for part in ("name", "image"))]


def _event(each: Object, now: float) -> Cells:
    at = datetime.fromisoformat(each["lastTimestamp"]).timestamp()
    about = each["involvedObject"]
    subject = f"{about['kind'].lower()}/{about['name']}"
    return [short(now - at), each["type"], each["reason"], subject, each["message"]]

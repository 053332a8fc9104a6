"""Watching objects of the Kubernetes API as they change."""

import json
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any

from procedures.sandbox.doors import kube_status
from procedures.sandbox.doors.kube_select import Selects
from procedures.sandbox.doors.kube_store import Change, Store
from procedures.sandbox.doors.looking import Looking

Object = dict[str, Any]
_LONGEST_S = 1_800.0
_LOOK_AT_LEAST_S = 1.0
_BOOKMARK_EVERY_S = 60.0


async def lines(
    store: Store,
    looking: Looking,
    *,
    made: str,
    chosen: Selects,
    shown: Callable[[Object], Object],
    version: int,
    timeout_s: float,
    bookmarks: bool,
) -> AsyncGenerator[bytes, None]:
    """Yield what changes, in portions, until the time is over.

    Args:
        store: The objects.
        looking: Tells when to look again.
        made: Which kind.
        chosen: Which of them.
        shown: How an object is written.
        version: Only what is newer; 0 tells first what there is.
        timeout_s: How long; 0 for as long as a server likes.
        bookmarks: Whether to tell now and then how far the client has come.
    """
    ends = time.monotonic() + (timeout_s or _LONGEST_S)
    if version and version < store.oldest:
        yield _line("ERROR", kube_status.WATCH_EXPIRED)
        return
    if version == 0:
        present = [shown(each) for each in store.all(made) if chosen(each)]
        version = store.version
        yield b"".join(_line("ADDED", each) for each in present)
    marked = time.monotonic()
    while True:
        change = looking.change
        await store.refresh()
        if version < store.oldest:
            yield _line("ERROR", kube_status.WATCH_EXPIRED)
            return
        news = [_event(each, chosen, shown) for each in store.after(version, made)]
        version = max(version, store.version)
        left_s = ends - time.monotonic()
        due = left_s <= 0 or time.monotonic() - marked >= _BOOKMARK_EVERY_S
        if bookmarks and due:
            marked = time.monotonic()
            news.append(_line("BOOKMARK", shown({"metadata": {"resourceVersion": str(version)}})))
        yield b"".join(news)
        if left_s <= 0:
            return
        await looking.changed(change, min(left_s, _LOOK_AT_LEAST_S))


def _event(change: Change, chosen: Selects, shown: Callable[[Object], Object]) -> bytes:
    """Return a change as one who sees only what is chosen sees it."""
    was = change.before is not None and chosen(change.before)
    if change.after is not None and chosen(change.after):
        return _line("MODIFIED" if was else "ADDED", shown(change.after))
    if was and change.before is not None:
        version = str(change.version)
        gone = {**change.before, "metadata": {**change.before["metadata"]}}
        gone["metadata"]["resourceVersion"] = version
        return _line("DELETED", shown(gone))
    return b""


def _line(kind: str, each: Object) -> bytes:
    return json.dumps({"type": kind, "object": each}, separators=(",", ":")).encode() + b"\n"

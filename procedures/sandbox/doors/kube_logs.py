"""The logs of pods."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime

from aiohttp import web

from procedures.sandbox.doors import kube_status, log_file
from procedures.sandbox.doors.log_lines import Line, LogWish, Stamper
from procedures.sandbox.doors.looking import Looking
from procedures.sandbox.shims.kube_names import app_label, pod_name
from procedures.sandbox.shims.kube_pod_parts import restarts
from procedures.sandbox.shims.observed import Process

_INIT = "db-migration"
_INIT_LINE = b"INFO llm_config_server::migrate no migration is pending\n"
_NEGATIVE = "must be greater than or equal to 0"
_NUMBERS = ("tailLines", "limitBytes", "sinceSeconds")


async def send(request: web.Request, looking: Looking, process: Process) -> web.StreamResponse:
    """Send the log of one container of a pod."""
    query, name = request.query, pod_name(process)
    container = query.get("container", "") or app_label(process)
    known = {app_label(process), *([_INIT] if process.ordinal else [])}
    if container not in known:
        raise kube_status.bad_request(f"container {container} is not valid for pod {name}")
    numbers = _numbers(query, name)
    timestamps = _truth(query, "timestamps")
    if _truth(query, "previous") and not restarts(process):
        message = f'previous terminated container "{container}" in pod "{name}" not found'
        raise kube_status.bad_request(message)
    began = math.floor(process.started_at * 1000) / 1000  # lines have no finer times
    now = looking.observe().now
    wish = LogWish(
        since=max(began, _since(query, numbers, now)),
        tail=numbers.get("tailLines"),
        follow=_truth(query, "follow") and not _truth(query, "previous"),
    )
    await looking.written()
    response = web.StreamResponse(headers={"Content-Type": "text/plain"})
    await response.prepare(request)
    if container == _INIT:
        found = Stamper(began).stamped([_INIT_LINE])
        await response.write(_text(found, timestamps=timestamps))
        return response
    generation = process.generation
    left = numbers.get("limitBytes")
    async for batch in log_file.batches(
        looking.log_path(process.name),
        wish,
        lambda: looking.runs(process.name, generation),
    ):
        text = _text(batch, timestamps=timestamps)
        await response.write(text if left is None else text[:left])
        if left is not None:
            left -= len(text)
            if left <= 0:
                break
    return response


def _text(lines: Iterable[Line], *, timestamps: bool) -> bytes:
    if not timestamps:
        return b"".join([line.text for line in lines])
    return b"".join([b"%b %b" % line for line in lines])


def _numbers(query: Mapping[str, str], pod: str) -> dict[str, int]:
    """Return the numbers of the query; refuses those that are none, and two beginnings."""
    found: dict[str, int] = {}
    for name in _NUMBERS:
        if text := query.get(name, ""):
            try:
                found[name] = int(text)
            except ValueError as error:
                raise kube_status.bad_request(f'strconv.ParseInt: parsing "{text}"') from error
    causes = [
        ("FieldValueInvalid", f"Invalid value: {value}: {_NEGATIVE}", name)
        for name, value in found.items()
        if value < 0
    ]
    if query.get("sinceSeconds") and query.get("sinceTime"):
        message = "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified"
        causes.append(("FieldValueForbidden", message, "[]"))
    if causes:
        raise kube_status.invalid("PodLogOptions", pod, causes)
    return found


def _since(query: Mapping[str, str], numbers: Mapping[str, int], now: float) -> float:
    if "sinceSeconds" in numbers:
        return now - numbers["sinceSeconds"]
    if text := query.get("sinceTime", ""):
        try:
            return datetime.fromisoformat(text).timestamp()
        except ValueError as error:
            raise kube_status.bad_request(f'parsing time "{text}"') from error
    return 0.0


def _truth(query: Mapping[str, str], name: str) -> bool:
    return query.get(name, "").lower() in {"1", "true", "t"}

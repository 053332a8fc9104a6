"""The Docker engine's streams: logs, events, and the output of a command."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Iterable
from typing import Protocol

from aiohttp import web

from procedures.sandbox.doors import log_file
from procedures.sandbox.doors.docker_events import events
from procedures.sandbox.doors.docker_filters import Filters, event_matches
from procedures.sandbox.doors.hijack import take_over
from procedures.sandbox.doors.log_lines import Line, LogWish
from procedures.sandbox.doors.looking import Looking
from procedures.sandbox.doors.running_command import RunningCommand
from procedures.sandbox.shims.containers import Container

OUT, COMPLAINTS = 1, 2
MULTIPLEXED = "application/vnd.docker.multiplexed-stream"
_KILLED = 137
_LOOK_AT_LEAST_S = 5.0
_HEADER = struct.Struct(">BxxxL")


def framed(stream: int, content: bytes) -> bytes:
    """Return what a container printed with the header that tells its streams apart."""
    return _HEADER.pack(stream, len(content)) + content


def framed_lines(lines: Iterable[Line], *, timestamps: bool) -> bytes:
    """Return lines of a log, each in a frame of its own."""
    texts = [b"%b %b" % line for line in lines] if timestamps else [line.text for line in lines]
    pack = _HEADER.pack
    return b"".join([pack(OUT, len(text)) + text for text in texts])


async def send_logs(
    request: web.Request, looking: Looking, container: Container, wish: LogWish
) -> web.StreamResponse:
    """Send a container's log, framed."""
    response = web.StreamResponse(headers={"Content-Type": MULTIPLEXED})
    await response.prepare(request)
    timestamps = truth(request.query.get("timestamps", ""))
    if not truth(request.query.get("stdout", "")):
        return response  # the sandbox's processes print nothing elsewhere
    source = container.process.name

    def goes_on() -> bool:
        over = wish.until is not None and looking.observe().now > wish.until
        return looking.runs(source) and not over

    async for batch in log_file.batches(looking.log_path(source), wish, goes_on):
        await response.write(framed_lines(batch, timestamps=timestamps))
    return response


async def send_events(
    request: web.Request,
    looking: Looking,
    filters: Filters,
    since: float | None,
    until: float | None,
) -> web.StreamResponse:
    """Send the events since a time, and those that come until another one or for ever."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    sent = 0 if since is not None else looking.told
    while True:
        change = looking.change
        told, sent = looking.happenings(sent), looking.told
        now = looking.observe().now
        found = [
            event
            for event in await looking.make(lambda seen, ctl, told=told: events(told, seen, ctl))  # type: ignore[misc]
            if event_matches(filters, event)
            and event["timeNano"] >= (since or 0) * 1e9
            and (until is None or event["timeNano"] <= until * 1e9)
        ]
        # An answer without a body yet would leave a client waiting for its headers.
        await response.write(b"".join(json.dumps(event).encode() + b"\n" for event in found))
        left_s = _LOOK_AT_LEAST_S if until is None else min(_LOOK_AT_LEAST_S, until - now)
        if left_s <= 0:
            return response
        await looking.changed(change, left_s)


class Exec(Protocol):
    """A command that was announced with ``/containers/…/exec``."""

    command: RunningCommand | None
    status: int | None
    tty: bool


async def send_output(
    request: web.Request, announced: Exec, command: RunningCommand
) -> web.StreamResponse:
    """Send what a command prints, on the connection itself if the client asks for that."""
    response = web.StreamResponse(headers={"Content-Type": MULTIPLEXED})
    taken = None
    if request.headers.get("Upgrade", "").lower() == "tcp":
        taken = take_over(request)
    else:
        await response.prepare(request)
    write = taken.write if taken else response.write
    output = command.output()
    try:
        async for number, block in output:
            await write(block if announced.tty else framed(number, block))
    finally:
        await asyncio.shield(output.aclose())
        announced.status = _KILLED if command.status is None else command.status
        if taken:
            taken.close()
    return response


def truth(text: str) -> bool:
    """Return what the engine takes a value of the query for."""
    return text.strip().lower() not in {"", "0", "no", "false", "none"}

import asyncio
from dataclasses import replace

import pytest
from aiohttp import web

from procedures.clock import SystemClock
from procedures.environment import Endpoint, Secret
from procedures.reference.indicators import load_indicators
from procedures.reference.measures import Promql
from procedures.reference.states import State
from procedures.signals.build import look_once, watch_for
from procedures.signals.values import AlertPhase, Snapshot
from tests.integration.signals.misbehaving import (
    HEALTHY,
    Handler,
    MisbehavingServer,
    answering,
    answering_json,
    environment_with,
    hanging,
    prometheus_saying,
    seen,
    truncated,
)

QUERY = "/api/v1/query"
RANGE = "/api/v1/query_range"


def _fault(snapshot: Snapshot) -> str:
    return snapshot.readings["cpu"].fault


BAD_ANSWERS = {
    "garbage": (answering("{]"), "not a Prometheus answer"),
    "another shape": (answering_json([1]), "not a Prometheus answer"),
    "a scalar": (answering_json({"data": {"result": [0, "1"]}}), "not a Prometheus answer"),
    "a web page": (answering("<html>", kind="text/html"), "web page"),
    "a hidden web page": (answering("<!DOCTYPE html><html>", kind="text/plain"), "web page"),
    "401": (answering("", status=401), "credentials (401)"),
    "403": (answering("", status=403), "does not allow this (403)"),
    "426": (answering("", status=426), "demands TLS (426)"),
    "500": (answering("", status=500), "answered 500"),
    "a redirect": (answering("", status=302), "redirects to"),
    "a truncated body": (truncated, "cannot be reached"),
    "an endless silence": (hanging, "did not answer within 1 s"),
    "too much": (answering(b" " * (33 * 1024**2)), "more than 32 MiB"),
}


@pytest.mark.parametrize("name", BAD_ANSWERS)
async def test_a_prometheus_that_misbehaves_leaves_the_rest_live(
    server: MisbehavingServer, name: str
) -> None:
    handler, complaint = BAD_ANSWERS[name]
    server.paths = {QUERY: handler, "/health": answering_json(HEALTHY)}
    environment = environment_with(
        prometheus=server.endpoint, health=Endpoint(url=f"{server.url}/health")
    )
    snapshot = await seen(
        environment, lambda s: complaint in _fault(s) and s.health.state is State.OK
    )
    assert all(reading.state is State.UNKNOWN for reading in snapshot.readings.values())
    assert any(complaint in source.fault for source in snapshot.sources)


async def test_a_prometheus_that_is_down_is_said_to_be(server: MisbehavingServer) -> None:
    environment = environment_with(prometheus=Endpoint(url="http://127.0.0.1:1"))
    snapshot = await look_once(environment, SystemClock())
    assert "connection refused" in _fault(snapshot)
    assert "connection refused" in snapshot.alerts.fault


async def test_no_traffic_is_unknown_and_not_green(server: MisbehavingServer) -> None:
    server.paths = {QUERY: prometheus_saying("NaN"), RANGE: prometheus_saying("NaN")}
    snapshot = await look_once(environment_with(prometheus=server.endpoint), SystemClock())
    reading = snapshot.readings["error-rate"]
    assert (reading.state, reading.value) == (State.UNKNOWN, None)


async def test_an_empty_answer_says_that_the_service_does_not_export_it(
    server: MisbehavingServer,
) -> None:
    server.paths = {QUERY: answering_json({"data": {"result": []}})}
    snapshot = await look_once(environment_with(prometheus=server.endpoint), SystemClock())
    assert _fault(snapshot) == "not exported by the service (process_cpu_seconds_total)"


async def test_a_source_that_recovers_is_live_again_by_itself(server: MisbehavingServer) -> None:
    failures = iter([answering("", status=500)] * 2)
    well = prometheus_saying("42")

    async def recovering(request: web.Request) -> web.StreamResponse:
        return await next(failures, well)(request)

    server.paths = {QUERY: recovering, RANGE: well}
    environment = environment_with(prometheus=server.endpoint)
    snapshot = await seen(environment, lambda s: s.readings["cpu"].value == 42)
    assert snapshot.readings["cpu"].state is State.OK
    assert _fault(snapshot) == ""


async def test_a_dead_source_never_keeps_its_last_state(server: MisbehavingServer) -> None:
    """A stale OK, like a stale CRITICAL, would send the operator the wrong way."""
    well, broken = prometheus_saying("42"), answering("", status=500)

    async def dying(request: web.Request) -> web.StreamResponse:
        if "newest" in request.query["query"]:  # which ends the first round
            server.paths[QUERY] = broken
        return await well(request)

    server.paths = {QUERY: dying, RANGE: broken}
    environment = environment_with(prometheus=server.endpoint)
    snapshot = await seen(environment, lambda s: "no fresh data since" in _fault(s))
    reading = snapshot.readings["cpu"]
    assert (reading.state, reading.value) == (State.UNKNOWN, 42)
    assert "answered 500" in reading.fault


async def test_a_silent_source_is_asked_one_question_at_a_time(server: MisbehavingServer) -> None:
    server.paths = {QUERY: hanging}
    environment = environment_with(prometheus=server.endpoint)
    await seen(environment, lambda s: "did not answer" in _fault(s))
    # The rules API answers 404 at once: only the hanging query can be open.
    assert server.most_open <= 2


async def test_a_clock_that_differs_is_mentioned_and_voids_nothing(
    server: MisbehavingServer,
) -> None:
    ahead = prometheus_saying("42", ahead_s=120)
    server.paths = {QUERY: ahead, RANGE: ahead}
    snapshot = await look_once(environment_with(prometheus=server.endpoint), SystemClock())
    assert snapshot.readings["cpu"].state is State.OK
    assert "s ahead of this machine's" in _fault(snapshot)


async def test_data_that_is_too_old_is_unknown_with_its_age(server: MisbehavingServer) -> None:
    old = prometheus_saying("42", age_s=90)
    server.paths = {QUERY: old, RANGE: old}
    snapshot = await look_once(environment_with(prometheus=server.endpoint), SystemClock())
    assert snapshot.readings["cpu"].state is State.UNKNOWN
    assert "the newest data is 90 s old" in _fault(snapshot)


async def test_one_wrong_query_does_not_spoil_the_others(server: MisbehavingServer) -> None:
    well = prometheus_saying("42")

    async def picky(request: web.Request) -> web.StreamResponse:
        if "wrong query" in request.query["query"]:
            reason = {"status": "error", "errorType": "bad_data", "error": "parse error"}
            return web.json_response(reason, status=400)
        return await well(request)

    server.paths = {QUERY: picky, RANGE: picky}
    indicators = dict(load_indicators())
    indicators["cpu"] = replace(indicators["cpu"], measure=Promql(query="wrong query"))
    watch = watch_for(
        environment_with(prometheus=server.endpoint), SystemClock(), indicators=indicators
    )
    snapshot = await watch.look(patience_s=10)
    await watch.aclose()
    assert "refused the query: parse error" in _fault(snapshot)
    assert snapshot.readings["memory"].value == 42


async def test_ten_thousand_series_become_one_number_and_twelve_parts(
    server: MisbehavingServer,
) -> None:
    rounds = iter(range(1, 100))

    async def large(_: web.Request) -> web.Response:
        seconds = next(rounds)
        lines = (
            f'config_operations_total{{operation="o{i}"}} {i * seconds}' for i in range(10_000)
        )
        return web.Response(text="\n".join(lines))

    server.paths = {"/metrics": large}
    environment = environment_with(metrics=(server.endpoint,))
    snapshot = await seen(environment, lambda s: bool(s.readings["operations"].parts), seconds=60)
    parts = snapshot.readings["operations"].parts
    assert len(parts) == 12
    assert parts[0][0] == "o9999"


async def test_an_instance_that_dies_lowers_availability_and_is_called_down(
    server: MisbehavingServer,
) -> None:
    server.paths = {"/metrics": answering("process_resident_memory_bytes 1e9\n", kind="text/plain")}
    dead = Endpoint(url="http://127.0.0.1:1")
    environment = environment_with(metrics=(server.endpoint, dead))
    snapshot = await seen(environment, lambda s: bool(s.alerts.items))
    assert snapshot.readings["availability"].value == 50
    assert snapshot.readings["availability"].state is State.CRITICAL
    (alert,) = snapshot.alerts.items
    assert (alert.name, alert.phase) == ("ServiceDown", AlertPhase.PENDING)
    assert alert.labels["instance"] == "127.0.0.1:1"
    assert "1 of 2 instances do not answer" in snapshot.sources[0].fault


async def test_an_instance_that_stops_answering_keeps_none_of_its_values(
    server: MisbehavingServer,
) -> None:
    answers = iter([answering("process_resident_memory_bytes 1e9\n", kind="text/plain")])
    broken = answering("", status=500)

    async def dying(request: web.Request) -> web.StreamResponse:
        return await next(answers, broken)(request)

    server.paths = {"/metrics": dying}
    environment = environment_with(metrics=(server.endpoint,))
    snapshot = await seen(environment, lambda s: s.readings["availability"].value == 0)
    memory = snapshot.readings["memory"]
    assert (memory.state, memory.value) == (State.UNKNOWN, None)


async def test_an_instance_that_exports_nothing_we_want_is_up_all_the_same(
    server: MisbehavingServer,
) -> None:
    server.paths = {"/metrics": answering("something_else 1\n", kind="text/plain")}
    snapshot = await look_once(environment_with(metrics=(server.endpoint,)), SystemClock())
    assert snapshot.readings["availability"].value == 100
    assert "not exported by the service" in snapshot.readings["memory"].fault


@pytest.mark.parametrize("handler", [answering("<html>", kind="text/html"), answering("{}")])
async def test_something_else_at_the_metrics_address_counts_as_down(
    server: MisbehavingServer, handler: Handler
) -> None:
    server.paths = {"/metrics": handler}
    snapshot = await look_once(environment_with(metrics=(server.endpoint,)), SystemClock())
    assert snapshot.readings["availability"].value == 0
    assert snapshot.readings["cpu"].state is State.UNKNOWN


async def test_history_at_start_makes_the_first_picture_whole_and_old_alerts_fire(
    server: MisbehavingServer,
) -> None:
    now = int(SystemClock().now().timestamp())
    instance = server.url.removeprefix("http://")
    past = []
    for at in range(now - 3600, now, 15):
        past.append(f'up{{instance="{instance}"}} 1 {at}000')
        past.append(f'process_resident_memory_bytes{{instance="{instance}"}} 2.1e9 {at}000')
    server.paths = {
        "/history": answering("\n".join(past), kind="text/plain"),
        "/metrics": answering("process_resident_memory_bytes 2.1e9\n", kind="text/plain"),
    }
    environment = environment_with(metrics=(server.endpoint,), history_url=f"{server.url}/history")
    snapshot = await seen(environment, lambda s: bool(s.histories and s.alerts.items))
    firing = {a.name for a in snapshot.alerts.items if a.phase is AlertPhase.FIRING}
    assert firing == {"HighMemory", "OutOfMemory"}
    assert snapshot.alerts.source == "console"
    known = [value for value in snapshot.histories["memory"].values if value == value]
    assert len(known) > 200


async def test_the_secret_of_an_endpoint_never_shows(server: MisbehavingServer) -> None:
    seen_headers = []

    async def refusing(request: web.Request) -> web.Response:
        seen_headers.append(request.headers.get("Authorization"))
        return web.Response(status=401)

    server.paths = {QUERY: refusing, "/api/v1/rules": refusing, "/health": refusing}
    endpoint = Endpoint(url=server.url, bearer=Secret(inline="hunter2"))
    environment = environment_with(
        prometheus=endpoint, health=replace(endpoint, url=f"{server.url}/health")
    )
    snapshot = await look_once(environment, SystemClock())
    assert set(seen_headers) == {"Bearer hunter2"}
    assert "hunter2" not in repr(snapshot) + repr(environment)


async def test_refresh_now_does_not_wait_for_the_interval(server: MisbehavingServer) -> None:
    well = prometheus_saying("42")
    server.paths = {QUERY: well, RANGE: well}
    environment = environment_with(prometheus=server.endpoint)
    slow = replace(environment, intervals=replace(environment.intervals, metrics_s=3600.0))
    watch = watch_for(slow, SystemClock())
    async with asyncio.timeout(15):
        stream = watch.snapshots()
        async for snapshot in stream:
            if snapshot.readings["cpu"].value == 42:
                break
        server.paths = {QUERY: prometheus_saying("43"), RANGE: well}
        watch.refresh_now()
        async for snapshot in stream:
            if snapshot.readings["cpu"].value == 43:
                break
    await stream.aclose()
    await watch.aclose()

"""Being let in, or refused, by real servers; and what is never said about it."""

import asyncio
import json
import logging
import os
import shutil
import subprocess
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from aiohttp import web

from procedures.clock import SystemClock
from procedures.environment import Endpoint, Environment, Secret
from procedures.errors import SourceError
from procedures.reference.indicators import load_indicators
from procedures.reference.states import State
from procedures.signals import secrets
from procedures.signals.build import look_once, watch_for
from procedures.signals.http import Site
from procedures.signals.promql_client import PromqlClient
from procedures.signals.values import Snapshot
from procedures.signals.verdict import findings
from tests.integration.signals.misbehaving import (
    Handler,
    MisbehavingServer,
    environment_with,
    prometheus_saying,
)
from tests.integration.signals.secured import PASSWORD, USER, Secured, secured_servers
from tests.prometheus_stack import missing_programs
from tui.commands.snapshot_json import snapshot_json
from tui.plain import render

pytestmark = pytest.mark.prometheus

WRONG = "open-sesame-43"


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """Servers behind TLS and passwords."""
    missing = [*missing_programs(), *([] if shutil.which("openssl") else ["openssl"])]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}; install their Debian packages")
    with secured_servers(tmp_path_factory.mktemp("secured")) as running:
        yield running


def everywhere(server: Endpoint, alertmanager: Endpoint) -> Environment:
    """Return an environment that asks ``server`` for all that it can be asked for."""
    return environment_with(
        prometheus=server,
        alertmanager=alertmanager,
        health=replace(server, url=f"{server.url}/-/healthy"),
    )


def told(snapshot: Snapshot, environment: Environment) -> str:
    """Return everything that the console would say of it, in every form."""
    indicators = load_indicators()
    found = findings(snapshot, environment, indicators.values())
    return "\n".join(
        [
            repr(snapshot),
            repr(environment),
            snapshot_json(snapshot, found, environment, indicators),
            render(snapshot, environment, indicators.values()),
        ]
    )


async def test_a_password_opens_queries_rules_alerts_and_health(
    secured: Secured, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    environment = everywhere(
        secured.endpoint(secured.prometheus), secured.endpoint(secured.alertmanager)
    )
    snapshot = await look_once(environment, SystemClock())
    assert snapshot.readings["availability"].value == 100
    assert snapshot.readings["memory"].value is not None
    assert (snapshot.alerts.source, snapshot.alerts.fault) == ("alertmanager", "")
    assert snapshot.health.http_status == 200
    assert [source.name for source in snapshot.sources if source.fault] == ["health"]
    assert PASSWORD not in told(snapshot, environment) + caplog.text


async def test_a_server_that_wants_a_certificate_gets_it_on_both_ways(secured: Secured) -> None:
    environment = everywhere(
        secured.endpoint(secured.strict), secured.endpoint(secured.alertmanager)
    )
    snapshot = await look_once(environment, SystemClock())
    assert snapshot.readings["availability"].value == 100
    assert snapshot.health.http_status == 200


async def test_plain_scrapes_are_let_in_the_same_way(secured: Secured) -> None:
    endpoints = (secured.endpoint(secured.prometheus), secured.endpoint(secured.strict))
    snapshot = await look_once(environment_with(metrics=endpoints), SystemClock())
    assert snapshot.readings["availability"].value == 100
    assert snapshot.readings["memory"].value is not None


async def test_an_authority_of_the_system_is_trusted_on_both_ways(
    secured: Secured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the operating system trusts a company's authority, no setting is needed."""
    monkeypatch.setenv("SSL_CERT_FILE", str(secured.certificates.authority))
    server, alertmanager = (
        replace(secured.endpoint(url), ca_bundle=None)
        for url in (secured.prometheus, secured.alertmanager)
    )
    snapshot = await look_once(everywhere(server, alertmanager), SystemClock())
    assert snapshot.readings["availability"].value == 100
    assert snapshot.alerts.fault == ""


async def test_a_ca_bundle_replaces_the_authorities_of_the_system(
    secured: Secured, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(variable, str(secured.certificates.authority))
    server, alertmanager = (
        replace(secured.endpoint(url), ca_bundle=secured.certificates.stranger)
        for url in (secured.prometheus, secured.alertmanager)
    )
    snapshot = await look_once(everywhere(server, alertmanager), SystemClock())
    assert "certificate verify failed" in snapshot.readings["cpu"].fault
    assert "certificate verify failed" in snapshot.alerts.fault


Spoil = Callable[[Endpoint, Secured, Path], Endpoint]


def _password(secret: Secret) -> Spoil:
    return lambda endpoint, *_: replace(endpoint, password=secret)


def _token(value: str) -> Spoil:
    return lambda endpoint, *_: replace(
        endpoint, username="", password=None, bearer=Secret(inline=value)
    )


def _token_file(content: str) -> Spoil:
    def spoil(endpoint: Endpoint, _: Secured, folder: Path) -> Endpoint:
        path = folder / "token"
        path.write_text(content)
        return replace(endpoint, username="", password=None, bearer=Secret(file=path))

    return spoil


def _ca(name: str, content: str = "") -> Spoil:
    def spoil(endpoint: Endpoint, _: Secured, folder: Path) -> Endpoint:
        path = folder / name
        if content:
            path.write_text(content)
        return replace(endpoint, ca_bundle=path)

    return spoil


def _another_key(endpoint: Endpoint, secured: Secured, _: Path) -> Endpoint:
    return replace(endpoint, client_key=secured.certificates.key_of(secured.certificates.authority))


def _locked_key(endpoint: Endpoint, secured: Secured, _: Path) -> Endpoint:
    certificates = secured.certificates
    return replace(endpoint, client_key=certificates.encrypted_key_of(certificates.client))


def _no_certificate(endpoint: Endpoint, *_: object) -> Endpoint:
    return replace(endpoint, client_cert=None, client_key=None)


def _absent_certificate(endpoint: Endpoint, _: Secured, folder: Path) -> Endpoint:
    return replace(endpoint, client_cert=folder / "gone.pem")


REFUSALS: dict[str, tuple[Spoil, str]] = {
    "a wrong password": (_password(Secret(inline=WRONG)), "did not accept the credentials (401)"),
    "a wrong token": (_token(WRONG), "did not accept the credentials (401)"),
    "a variable that is not set": (
        _password(Secret(env="NOT_SET_ANYWHERE")),
        "environment variable NOT_SET_ANYWHERE is empty",
    ),
    "a secret file that is gone": (
        _password(Secret(file=Path("/does/not/exist"))),
        "file /does/not/exist cannot be read",
    ),
    "a secret file that is empty": (_token_file("\n"), "token is empty"),
    "a token of several lines": (_token_file(f"{WRONG}\nmore\n"), "is not one line of plain text"),
    "a token that no header carries": (_token(f"{WRONG}é"), "characters other than ASCII"),
    "a command that fails": (
        _password(Secret(command=("sh", "-c", f"echo {WRONG}; echo {WRONG} >&2; exit 3"))),
        "command sh ended with status 3",
    ),
    "an authority that is gone": (_ca("gone.pem"), "cannot be read: "),
    "an authority that is none": (_ca("ca.pem", "not a certificate"), "cannot be read: "),
    "an unknown authority": (
        lambda endpoint, secured, _: replace(endpoint, ca_bundle=secured.certificates.stranger),
        "certificate verify failed",
    ),
    "no certificate": (_no_certificate, "cannot be reached: "),
    "a certificate that is gone": (_absent_certificate, "cannot be read: "),
    "another certificate's key": (_another_key, "cannot be read: "),
    "a key with a passphrase": (_locked_key, "cannot be read: "),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_whoever_is_not_let_in_learns_why_on_both_ways_and_no_secret(
    secured: Secured, tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    caplog.set_level(logging.DEBUG)
    spoil, complaint = REFUSALS[name]
    endpoint = spoil(secured.endpoint(secured.strict), secured, tmp_path)
    well = secured.endpoint(secured.alertmanager)
    environment = everywhere(endpoint, well)
    snapshot = await look_once(environment, SystemClock())
    reading = snapshot.readings["availability"]
    assert (reading.state, reading.value) == (State.UNKNOWN, None)
    assert complaint in reading.fault
    faults = {source.name: source.fault for source in snapshot.sources}
    assert complaint in faults["prometheus-rules"]
    assert complaint in snapshot.health.fault
    assert faults["alertmanager"] == ""
    for secret in (PASSWORD, WRONG):
        assert secret not in told(snapshot, environment)
        assert secret not in caplog.text


@pytest.mark.parametrize("value", [f"{WRONG}\r\nX-Evil: 1", f"{WRONG}\x01", f"{WRONG}é"])
async def test_a_secret_that_cannot_be_sent_is_in_no_traceback(
    server: MisbehavingServer, value: str
) -> None:
    endpoint = Endpoint(url=server.url, bearer=Secret(inline=value))
    site, client = Site(endpoint, timeout_s=2), PromqlClient(endpoint, timeout_s=2)
    with pytest.raises(SourceError) as by_site:
        await site.get()
    with pytest.raises(SourceError) as by_client:
        await client.query({"one": "1"})
    await client.aclose()
    for caught in (by_site, by_client):
        assert WRONG not in "".join(traceback.format_exception(caught.value))


async def test_a_password_may_be_written_in_any_script(server: MisbehavingServer) -> None:
    """Prometheus reads user names and passwords as UTF-8 (RFC 7617)."""
    asked = []

    async def note(request: web.Request) -> web.StreamResponse:
        asked.append(request.headers.get("Authorization"))
        return await prometheus_saying("42")(request)

    server.paths = {"/api/v1/query": note, "/health": note}
    endpoint = Endpoint(url=server.url, username=USER, password=Secret(inline="пароль-é"))
    site, client = Site(endpoint, timeout_s=2), PromqlClient(endpoint, timeout_s=2)
    await client.query({"one": "1"})
    await site.get("/api/v1/query", {"query": "1"})
    await client.aclose()
    await site.aclose()
    assert asked == [httpx.BasicAuth(USER, "пароль-é")._auth_header] * 2


async def test_a_command_that_hangs_is_ended_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "COMMAND_TIMEOUT_S", 0.3)
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    reader = os.open(alive, os.O_RDONLY | os.O_NONBLOCK)
    hanging = f"printf {WRONG}; sleep 60 > {alive} & wait"
    with pytest.raises(SourceError) as caught:
        secrets.resolve(Secret(command=("sh", "-c", hanging)))
    assert "command sh took more than 0.3 s" in caught.value.what
    assert WRONG not in "".join(traceback.format_exception(caught.value))
    # End of file, and not "nothing yet": whoever could have written is gone.
    assert os.read(reader, 1) == b""
    os.close(reader)


def test_a_command_cannot_ask_at_the_terminal_that_the_console_is_drawn_on() -> None:
    session = (sys.executable, "-c", "import os; print(os.getsid(0))")
    assert secrets.resolve(Secret(command=session)) != str(os.getsid(0))


def _proxy(secured: Secured, accepted: set[str]) -> Handler:
    """Return a proxy that lets in who brings an accepted token, and signs in by itself."""

    async def forward(request: web.Request) -> web.Response:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in accepted:
            return web.Response(status=401)
        endpoint = secured.endpoint(secured.prometheus)
        site = Site(endpoint, timeout_s=5)
        answer = await site.get(str(request.rel_url))
        await site.aclose()
        return web.Response(body=answer.body, status=answer.status, content_type="application/json")

    return forward


Wait = Callable[[Callable[[Snapshot], bool]], Awaitable[None]]


@asynccontextmanager
async def watching(environment: Environment) -> AsyncIterator[Wait]:
    """Watch, and yield what waits until a snapshot satisfies a condition."""
    watch = watch_for(environment, SystemClock())
    stream = watch.snapshots()

    async def until(condition: Callable[[Snapshot], bool]) -> None:
        try:
            async with asyncio.timeout(15):
                while not condition(watch.latest):
                    await anext(stream)
        except TimeoutError:
            raise AssertionError(f"never seen; the last was {watch.latest}") from None

    try:
        yield until
    finally:
        await stream.aclose()
        await watch.aclose()


def let_in(snapshot: Snapshot) -> bool:
    """Return whether queries, rules and health are answered, and the queries freshly so."""
    reading = snapshot.readings["availability"]
    faults = {source.name: source.fault for source in snapshot.sources}
    answered = (reading.fault, faults["metrics"], faults["prometheus-rules"])
    return reading.value == 100 and snapshot.health.http_status == 200 and not any(answered)


def shut_out(why: str) -> Callable[[Snapshot], bool]:
    """Return whether queries, rules and health are all refused, and why."""

    def refused(snapshot: Snapshot) -> bool:
        faults = {source.name: source.fault for source in snapshot.sources}
        asked = (faults["metrics"], faults["prometheus-rules"], snapshot.health.fault)
        return all(why in fault for fault in asked)

    return refused


async def test_a_token_that_was_replaced_is_read_again_without_a_restart(
    secured: Secured, server: MisbehavingServer, tmp_path: Path
) -> None:
    accepted, held = {"first"}, tmp_path / "token"
    held.write_text("first")
    paths = ("/api/v1/query", "/api/v1/query_range", "/api/v1/rules", "/-/healthy")
    server.paths = dict.fromkeys(paths, _proxy(secured, accepted))
    endpoint = Endpoint(url=server.url, bearer=Secret(file=held))
    environment = environment_with(
        prometheus=endpoint, health=replace(endpoint, url=f"{server.url}/-/healthy")
    )
    async with watching(environment) as until:
        await until(let_in)
        accepted ^= {"first", "second"}
        await until(shut_out("(401)"))
        held.write_text("second")
        await until(let_in)


async def test_a_certificate_that_was_replaced_is_read_again_without_a_restart(
    secured: Secured, tmp_path: Path
) -> None:
    certificates = secured.certificates
    held, key = tmp_path / "client.pem", tmp_path / "client.key"

    def put(certificate: Path) -> None:
        held.write_bytes(certificate.read_bytes())
        key.write_bytes(certificates.key_of(certificate).read_bytes())

    put(certificates.stranger)
    endpoint = replace(secured.endpoint(secured.strict), client_cert=held, client_key=key)
    environment = environment_with(
        prometheus=endpoint, health=replace(endpoint, url=f"{endpoint.url}/-/healthy")
    )
    async with watching(environment) as until:
        await until(shut_out("cannot be reached"))
        put(certificates.client)
        await until(let_in)


@pytest.fixture
def settings_file(secured: Secured, tmp_path: Path) -> Path:
    """Settings with every way of being let in, as an operator writes them."""
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    ca, client = secured.certificates.authority, secured.certificates.client
    door = f'ca_bundle = "{ca}", username = "{USER}"'
    certificate = f'client_cert = "{client}", client_key = "{secured.certificates.key_of(client)}"'
    path = tmp_path / "settings.toml"
    path.write_text(
        f"""\
[environment.secured]
tier = "staging"
method = "docker"
[environment.secured.prometheus]
url = "{secured.strict}"
{door.replace(", ", chr(10))}
{certificate.replace(", ", chr(10))}
password = {{ command = ["printf", "%s", "{PASSWORD}"] }}
[environment.secured.alertmanager]
url = "{secured.alertmanager}"
{door.replace(", ", chr(10))}
password = {{ file = "password" }}
[environment.secured.health]
url = "{secured.prometheus}/-/healthy"
{door.replace(", ", chr(10))}
password = {{ env = "HEALTH_PASSWORD" }}
"""
    )
    path.chmod(0o600)
    return path


def _quarterdeck(path: Path, *words: str, password: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui", *words, "--config", str(path)],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(path.parent),
            "PYTHONPATH": str(Path(__file__).parents[3]),
            "PYTHONWARNINGS": "error",
            "HEALTH_PASSWORD": password,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_config_check_tries_every_door_as_the_console_will(settings_file: Path) -> None:
    done = _quarterdeck(settings_file, "config", "check", password=PASSWORD)
    lines = [line for line in done.stdout.splitlines() if line.startswith("ok")]
    assert (done.returncode, len(lines)) == (0, 3), done.stdout
    assert PASSWORD not in done.stdout + done.stderr


def test_config_check_says_which_door_is_closed_and_no_secret(settings_file: Path) -> None:
    done = _quarterdeck(settings_file, "config", "check", "--json", password=WRONG)
    trials = {trial["key"]: trial for trial in json.loads(done.stdout)["trials"]}
    assert done.returncode == 1
    assert [key for key, trial in trials.items() if not trial["passed"]] == ["health"]
    assert "did not accept the credentials (401)" in trials["health"]["said"]
    assert WRONG not in done.stdout + done.stderr
    assert PASSWORD not in done.stdout + done.stderr


def test_config_show_and_check_of_the_service_tell_no_secret(settings_file: Path) -> None:
    shown = _quarterdeck(settings_file, "config", "show", password=PASSWORD)
    assert f"user {USER}, password from command printf" in shown.stdout
    assert "password from $HEALTH_PASSWORD" in shown.stdout
    checked = _quarterdeck(settings_file, "check", "--json", password=PASSWORD)
    readings = {each["id"]: each for each in json.loads(checked.stdout)["indicators"]}
    assert readings["availability"]["value"] == 100
    for done in (shown, checked):
        assert PASSWORD not in done.stdout + done.stderr

"""What goes wrong on the way to an API server is told with what to do."""

import json
import ssl
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from procedures.targets.kubernetes.access import Access
from procedures.targets.kubernetes.certificates import validity
from procedures.targets.kubernetes.credentials import Credentials
from procedures.targets.kubernetes.errors import (
    StatusError,
    expired_in,
    forbidden,
    refused,
    unreachable,
)
from procedures.targets.kubernetes.kubeconfig import Entry
from tests.recorded_cluster import recorded

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
NOWHERE = Entry(folder=Path("/"), value={})
ACCESS = Access(
    context="prod",
    namespace="llm-config",
    server="https://k8s.example",
    cluster=NOWHERE,
    user=NOWHERE,
    who="ada",
)
UNAUTHORIZED = StatusError(401, recorded("statuses")["unauthorized"])


def token(**claims: float) -> Credentials:
    body = urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return Credentials(authorization=f"Bearer e30.{body}.sig")


@pytest.fixture
def certificate(tmp_path: Path) -> Callable[[int], bytes]:
    """Makes a client's certificate that is valid for so many days."""

    def make(days: int) -> bytes:
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=ada"),
                *("-addext", "basicConstraints=CA:FALSE", "-days", str(days)),
                *("-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "crt")),
            ],
            check=True,
            capture_output=True,
        )
        return (tmp_path / "crt").read_bytes()

    return make


def test_the_validity_of_any_certificate_is_read(certificate: Callable[[int], bytes]) -> None:
    pem = certificate(30)
    found = validity(b"some text before\n" + pem)
    assert found is not None
    assert found[1] - found[0] == timedelta(days=30)
    assert abs(found[0] - datetime.now(UTC)) < timedelta(minutes=5)
    far = validity(certificate(100 * 365))
    assert far is not None
    assert far[1].year > 2100, "such a time is written with four digits"


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"junk",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        b"-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----",
        b"-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----",
    ],
)
def test_what_is_no_certificate_has_no_validity(pem: bytes) -> None:
    assert validity(pem) is None


def test_a_certificate_that_expired_is_told(certificate: Callable[[int], bytes]) -> None:
    pem = certificate(1)
    later = datetime.now(UTC) + timedelta(days=400)
    told = refused(UNAUTHORIZED, ACCESS, Credentials(certificate=pem), later)
    assert "does not accept the credentials of ada (401: its certificate expired at" in told.what
    assert "Log in" in told.fix
    before = datetime.now(UTC) - timedelta(days=400)
    early = refused(UNAUTHORIZED, ACCESS, Credentials(certificate=pem), before)
    assert "its certificate is not valid before" in early.what


def test_a_token_that_expired_is_told_when_it_says_so() -> None:
    old = token(exp=(NOW - timedelta(hours=2)).timestamp())
    assert "(401: its token expired at 2026-11-23 08:00 UTC)" in (
        refused(UNAUTHORIZED, ACCESS, old, NOW).what
    )


@pytest.mark.parametrize(
    "credentials",
    [
        Credentials(),
        Credentials(authorization="Bearer opaque"),
        Credentials(authorization="Bearer a.!!!.c"),
        Credentials(authorization="Bearer a.W10.c"),
        token(exp=1e30),
        token(exp=(NOW + timedelta(hours=2)).timestamp()),
    ],
)
def test_credentials_that_do_not_tell_are_refused_all_the_same(credentials: Credentials) -> None:
    told = refused(UNAUTHORIZED, ACCESS, credentials, NOW)
    assert told.what.endswith("does not accept the credentials of ada (401)")


def test_another_answer_is_told_in_the_servers_words() -> None:
    error = StatusError(503, b'{"message": "etcdserver: \\u001b[31mleader changed"}')
    told = refused(error, ACCESS, Credentials(), NOW)
    assert told.what == ("the API server of context prod answered 503: etcdserver: leader changed")


@pytest.mark.parametrize("body", [b"404 page not found\n", b"", b"[]", b"\xff"])
def test_an_answer_that_is_no_status_has_a_message(body: bytes) -> None:
    assert StatusError(404, body).message


def test_what_may_not_be_done_is_told_in_short() -> None:
    error = StatusError(403, recorded("statuses")["forbidden"])
    assert forbidden(error, "ada") == "viewer may not list secrets"
    assert forbidden(StatusError(403, b"denied by policy"), "ada") == (
        "ada may not: denied by policy"
    )


def test_a_forgotten_version_is_recognised() -> None:
    assert expired_in(recorded("statuses")["expired"])
    assert not expired_in(recorded("statuses")["unauthorized"])


def untrusted(code: int, message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, message
    return error


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (untrusted(9, "not yet valid"), "is not valid yet at 2026-11-23 10:00 UTC, the time here"),
        (untrusted(10, "has expired"), "has expired at 2026-11-23 10:00 UTC, the time here"),
        (untrusted(62, "mismatch"), "is made out to another name"),
        (untrusted(19, "self-signed"), "whom the kubeconfig trusts: self-signed"),
        (TimeoutError(), "gave no answer in time"),
        (ConnectionResetError(104, "Connection reset by peer"), "broke: Connection reset by peer"),
        (aiohttp.ServerDisconnectedError(), "broke: Server disconnected"),
        (aiohttp.InvalidURL("x"), "is no address of an API server"),
    ],
)
def test_every_way_to_break_has_its_own_words(error: BaseException, what: str) -> None:
    told = unreachable(error, ACCESS, NOW)
    assert what in told.what
    assert told.fix


def test_who_is_not_there_and_whose_name_is_not_known_are_told_apart() -> None:
    key = ConnectionKey("k8s.example", 443, True, True, None, None, None)
    gone = aiohttp.ClientConnectorError(key, ConnectionRefusedError(111, "Connection refused"))
    assert "cannot be reached: Connection refused" in unreachable(gone, ACCESS, NOW).what
    unknown = aiohttp.ClientConnectorDNSError(key, OSError(-2, "Name or service not known"))
    assert "the name in https://k8s.example is not known" in unreachable(unknown, ACCESS, NOW).what

"""What goes wrong between the console and an API server, as errors that say what to do."""

import asyncio
import json
import re
import ssl
from base64 import urlsafe_b64decode
from datetime import UTC, datetime

import aiohttp

from procedures.errors import SourceError
from procedures.execution.cleaning import clean_line
from procedures.targets.kubernetes.access import Access
from procedures.targets.kubernetes.certificates import validity
from procedures.targets.kubernetes.credentials import Credentials
from procedures.targets.kubernetes.fields import Json, number, part, text

_FORBIDDEN = re.compile(
    r'User "(?P<user>[^"]*)" cannot (?P<verb>\w+) resource "(?P<what>[^"]*)"'
    r' in API group "(?P<group>[^"]*)"'
)
UNAUTHORIZED, FORBIDDEN, NOT_FOUND, GONE = 401, 403, 404, 410
_NOT_YET_VALID, _EXPIRED, _OTHER_NAME, _OTHER_ADDRESS = 9, 10, 62, 64
"""Of OpenSSL's ``X509_V_ERR_…``."""
FAULTS = (aiohttp.ClientError, TimeoutError, OSError, asyncio.IncompleteReadError)
"""What the client library lets through while the server is not there, or not itself."""


class StatusError(Exception):
    """The API server answered, with an error.

    Attributes:
        code: Of HTTP.
        message: In the server's words, cleaned.
        reason: In one word, as ``Forbidden``.
    """

    def __init__(self, code: int, body: bytes | Json) -> None:
        status = _status(body) if isinstance(body, bytes) else body
        said = text(status, "message") if status else ""
        if not said and isinstance(body, bytes):
            said = body[:300].decode("utf-8", "replace").strip()
        self.code = code
        self.message = clean_line(said) or f"HTTP status {code}"
        self.reason = text(status, "reason")
        super().__init__(f"{code}: {self.message}")

    def said(self) -> tuple[str, str, str] | None:
        """Return who may not do what to what, if the message says so."""
        found = _FORBIDDEN.search(self.message)
        if found is None:
            return None
        what = found["what"] + (f".{found['group']}" if found["group"] else "")
        return found["user"], found["verb"], what


def forbidden(error: StatusError, who: str) -> str:
    """Return in short what may not be done: ``viewer may not list pods.metrics.k8s.io``."""
    said = error.said()
    if said is None:
        return f"{who} may not: {error.message}"
    user, verb, what = said
    return f"{user or who} may not {verb} {what}"


def expired_in(event: Json) -> bool:
    """Tell whether an event of a watch says that its place in time is forgotten."""
    return number(event, "code") == GONE or text(event, "reason") in {"Expired", "Gone"}


def _status(body: bytes) -> Json:
    try:
        return part({"status": json.loads(body)}, "status")
    except ValueError:
        return {}


def refused(
    error: StatusError, access: Access, credentials: Credentials, now: datetime
) -> SourceError:
    """Return why the API server gave no answer, from the status that it gave instead."""
    if error.code != UNAUTHORIZED:
        return SourceError(
            f"the API server of {_of(access)} answered {error.code}: {error.message}",
            fix=f"Try `kubectl --context {access.context} -n {access.namespace} get pods`",
        )
    why = _why_unauthorized(credentials, now)
    return SourceError(
        f"the API server of {_of(access)} does not accept the credentials of"
        f" {access.who or 'nobody'} (401{f': {why}' if why else ''})",
        fix="Log in to the cluster again; what the kubeconfig says then is taken up by itself",
    )


def _why_unauthorized(credentials: Credentials, now: datetime) -> str:
    """Return what is wrong with the credentials, as far as they tell it themselves."""
    spans = [("certificate", validity(credentials.certificate))]
    _, _, token = credentials.authorization.partition("Bearer ")
    spans.append(("token", _token_validity(token)))
    for what, span in spans:
        if span is not None and now > span[1]:
            return f"its {what} expired at {span[1]:%Y-%m-%d %H:%M} UTC"
        if span is not None and now < span[0]:
            return (
                f"its {what} is not valid before {span[0]:%Y-%m-%d %H:%M} UTC, and here it is"
                f" {now:%Y-%m-%d %H:%M} UTC"
            )
    return ""


def _token_validity(token: str) -> tuple[datetime, datetime] | None:
    """Return from when until when a token is valid, if it is one of those that say so (JWT)."""
    claims = token.split(".")[1:2]
    try:
        said = json.loads(urlsafe_b64decode(claims[0] + "=" * (-len(claims[0]) % 4)))
        end = datetime.fromtimestamp(float(said["exp"]), UTC)
        begin = datetime.fromtimestamp(float(said.get("nbf", 0)), UTC)
    except (IndexError, KeyError, TypeError, ValueError, OverflowError, OSError, AttributeError):
        return None
    return begin, end


def unreachable(error: BaseException, access: Access, now: datetime) -> SourceError:
    """Return why the API server gave no answer, from what the connection broke with."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _untrusted(error.certificate_error, access, now)
    if isinstance(error, ssl.SSLError):
        return _untrusted(error, access, now)
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return SourceError(
            f"the proxy before {access.server} does not answer",
            fix="Look at `proxy-url` in the kubeconfig, and at HTTPS_PROXY and NO_PROXY",
        )
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return SourceError(
            f"the name in {access.server} is not known",
            fix="Look at the name service and the VPN, and at the address in the kubeconfig",
        )
    if isinstance(error, TimeoutError):
        return SourceError(
            f"the API server of {_of(access)} gave no answer in time",
            fix=f"Look whether {access.server} is up, and at the network or VPN between",
        )
    if isinstance(error, aiohttp.InvalidURL):
        return SourceError(
            f"{access.server} is no address of an API server",
            fix="Log in to the cluster again, so that its entry is written anew",
        )
    if isinstance(error, aiohttp.ClientConnectorError):
        return SourceError(
            f"the API server of {_of(access)} cannot be reached: {_cause(error.os_error)}",
            fix=f"Look whether {access.server} is up, and at the network or VPN between",
        )
    return SourceError(
        f"the connection to the API server of {_of(access)} broke: {_cause(error)}",
        fix=f"Look whether {access.server} is up, and at the network or VPN between",
    )


def _untrusted(error: BaseException, access: Access, now: datetime) -> SourceError:
    code = getattr(error, "verify_code", None)
    if code in {_NOT_YET_VALID, _EXPIRED}:
        word = "is not valid yet" if code == _NOT_YET_VALID else "has expired"
        return SourceError(
            f"the certificate of {access.server} {word} at {now:%Y-%m-%d %H:%M} UTC, the time here",
            fix="Compare the clocks of this machine and of the API server; if both are right, the"
            " cluster's certificates must be renewed",
        )
    if code in {_OTHER_NAME, _OTHER_ADDRESS}:
        return SourceError(
            f"the certificate of {access.server} is made out to another name",
            fix="Look at the address in the kubeconfig, or set `tls-server-name` there",
        )
    said = getattr(error, "verify_message", None) or _cause(error)
    return SourceError(
        f"the certificate of {access.server} is not signed by whom the kubeconfig trusts: {said}",
        fix="Log in to the cluster again: its `certificate-authority-data` is old or another's",
    )


def _cause(error: BaseException) -> str:
    told = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return clean_line(str(told))


def _of(access: Access) -> str:
    return f"context {access.context}" if access.context else "this cluster"

"""A ``requests`` session for the Prometheus client library, with bounds that it lacks itself."""

import io
import ssl
import time
from collections.abc import Callable

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth
from urllib3 import ProxyManager
from urllib3.exceptions import HTTPError, ReadTimeoutError

from procedures.environment import Endpoint
from procedures.errors import SourceError
from procedures.signals.http import tls_context
from procedures.signals.refusals import (
    MOST_BYTES,
    html_instead,
    is_html,
    query_refused,
    refusal,
    too_large,
    too_slow,
    unreachable,
)
from procedures.signals.secrets import credentials_of


class _Token(AuthBase):
    """Sets the token on each request, so that a ``.netrc`` entry cannot displace it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _TlsAdapter(HTTPAdapter):
    """Trusts and shows the same certificates as the console's other client does."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **more: object
    ) -> None:
        """Make connections with our context."""
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._context, **more)

    def proxy_manager_for(self, proxy: str, **more: object) -> ProxyManager:
        """Make connections through a proxy with our context."""
        manager: ProxyManager
        manager = super().proxy_manager_for(proxy, ssl_context=self._context, **more)
        return manager

    def cert_verify(self, *_: object) -> None:
        """Add nothing to the context: the library would add authorities that it brings along."""


def bounded_session(endpoint: Endpoint, *, timeout_s: float) -> requests.Session:
    """Build a session whose answers are whole, in time, of bounded size, or a SourceError.

    Blocking, as certificates come from files and secrets may come from a command.
    """
    bearer, basic = credentials_of(endpoint)
    session = requests.Session()
    session.headers.update(endpoint.headers)
    session.auth = HTTPBasicAuth(*basic) if basic else _Token(bearer)
    session.max_redirects = 0
    # Longer than the address that the library mounts an adapter of its own at, so this one is used.
    session.mount(f"{endpoint.url}/", _TlsAdapter(tls_context(endpoint)))
    if endpoint.ca_bundle is not None:
        session.verify = str(endpoint.ca_bundle)  # lest REQUESTS_CA_BUNDLE be trusted beside it
    session.hooks["response"].append(_bounded(endpoint.url, timeout_s))
    return session


def _bounded(address: str, timeout_s: float) -> Callable[..., None]:
    """Return the hook that reads an answer: the library's own timeout is only between two bytes."""

    def read(response: requests.Response, **_: object) -> None:
        try:
            body = _body(response, address, timeout_s)
        except SourceError:
            response.close()  # what is left of the answer must not wait on a kept connection
            raise
        if response.status_code in {400, 422}:
            raise query_refused(address, body)
        if refused := refusal(address, response.status_code, response.headers):
            raise refused
        if is_html(response.headers, body):
            raise html_instead(address)
        response.raw = io.BytesIO(body)

    return read


def _body(response: requests.Response, address: str, timeout_s: float) -> bytes:
    deadline = time.monotonic() + timeout_s
    body = bytearray()
    try:
        for chunk in response.raw.stream(65_536, decode_content=True):
            body += chunk
            if len(body) > MOST_BYTES:
                raise too_large(address)
            if time.monotonic() > deadline:
                raise too_slow(address, timeout_s)
    except ReadTimeoutError as error:
        raise too_slow(address, timeout_s) from error
    except HTTPError as error:
        raise unreachable(address, error) from error
    return bytes(body)

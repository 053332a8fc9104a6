"""One HTTP address, asked with a deadline, a size limit and the credentials of the settings."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from procedures.environment import Endpoint
from procedures.errors import SourceError
from procedures.signals.refusals import (
    CREDENTIALS_REFUSED,
    MOST_BYTES,
    html_instead,
    is_html,
    not_understood,
    refusal,
    too_large,
    too_slow,
    unreachable,
)
from procedures.signals.secrets import credentials_of

if TYPE_CHECKING:
    import httpx

KEPT_S = 60.0
"""How long an idle connection is kept; less than an interval would mean a handshake a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer, whatever its status; ``headers`` have lower-case names."""

    address: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def server_time(self) -> float | None:
        """The server's clock as a Unix time, by its ``Date`` header; resolution one second."""
        try:
            return parsedate_to_datetime(self.headers.get("date", "")).timestamp()
        except ValueError:
            return None

    def text(self) -> str:
        """Return the body of a success as text; SourceError for anything else."""
        if error := refusal(self.address, self.status, self.headers):
            raise error
        if is_html(self.headers, self.body):
            raise html_instead(self.address)
        try:
            return self.body.decode()
        except UnicodeDecodeError as error:
            raise not_understood(self.address, "text in UTF-8") from error

    def json(self) -> Any:  # noqa: ANN401 - the shape is what the caller has to check
        """Return the body of a success as JSON; SourceError for anything else."""
        text = self.text()
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise not_understood(self.address, "JSON") from error


class Site:
    """An address of the settings; the client is built when it is first asked, off the loop."""

    def __init__(self, endpoint: Endpoint, *, timeout_s: float) -> None:
        self._endpoint = endpoint
        self._timeout_s = timeout_s
        self._client: httpx.AsyncClient | None = None
        self._building = asyncio.Lock()
        self.address = endpoint.url

    async def get(self, path: str = "", params: Mapping[str, str] | None = None) -> Answer:
        """Ask for ``path`` below the address; SourceError if no whole answer comes in time."""
        client = await self._built_client()
        import httpx

        url = self._endpoint.url + path
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                client.stream("GET", url, params=params) as response,
            ):
                body = await _bounded_body(response, self.address)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise too_slow(self.address, self._timeout_s) from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            await self._forget(client)
            raise unreachable(self.address, error) from error
        if response.status_code in CREDENTIALS_REFUSED:
            await self._forget(client)
        return Answer(
            address=self.address,
            status=response.status_code,
            headers=dict(response.headers),
            body=body,
        )

    async def _built_client(self) -> "httpx.AsyncClient":
        async with self._building:
            if self._client is None:
                self._client = await asyncio.to_thread(_client, self._endpoint)
            return self._client

    async def _forget(self, client: "httpx.AsyncClient") -> None:
        """Let the next question read certificates and secrets again: they may be new ones."""
        if client is self._client:
            await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.aclose()


async def _bounded_body(response: "httpx.Response", address: str) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MOST_BYTES:
            raise too_large(address)
    return bytes(body)


def _client(endpoint: Endpoint) -> "httpx.AsyncClient":
    """Build a client; blocking, because certificates and secrets are read from files."""
    import httpx

    bearer, basic = credentials_of(endpoint)
    headers = dict(endpoint.headers)
    if bearer:
        headers["Authorization"] = f"Bearer {bearer}"
    return httpx.AsyncClient(
        limits=httpx.Limits(keepalive_expiry=KEPT_S),
        headers=headers,
        auth=basic,
        verify=tls_context(endpoint),
        timeout=None,  # noqa: S113 - one deadline over the whole answer stands around each request
        follow_redirects=False,
    )


def tls_context(endpoint: Endpoint) -> ssl.SSLContext:
    """Return what the endpoint's certificates ask for; plain HTTP needs no trusted roots."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not endpoint.url.startswith("https:"):
        return context
    try:
        if endpoint.ca_bundle is not None:
            context.load_verify_locations(endpoint.ca_bundle)
        else:
            context.load_default_certs()
        if endpoint.client_cert is not None:
            # Without a password the library would ask for one on the console's terminal.
            context.load_cert_chain(endpoint.client_cert, endpoint.client_key, password="")
    except (OSError, ssl.SSLError) as error:
        raise SourceError(
            f"the certificates for {endpoint.url} cannot be read: {error}",
            fix="Correct ca_bundle, client_cert and client_key in the settings",
        ) from error
    return context

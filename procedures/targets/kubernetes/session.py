"""The client library's client for one API server as one user; blocks while it is made."""

import asyncio
import ipaddress
import ssl
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from kubernetes.aio.client import ApiClient, Configuration

from procedures.errors import SourceError
from procedures.targets.kubernetes.access import Access
from procedures.targets.kubernetes.credentials import Credentials
from procedures.targets.kubernetes.fields import text

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Session:
    """A client that is closed when it is no longer wanted and nobody uses it.

    Attributes:
        rechecked_at: When its credentials were refused and proved to be the newest; None before.
    """

    def __init__(self, access: Access, credentials: Credentials, client: ApiClient) -> None:
        self.access = access
        self.credentials = credentials
        self.client = client
        self.rechecked_at: float | None = None
        self._users = 0
        self._is_wanted = True

    async def __aenter__(self) -> "Session":
        self._users += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        self._users -= 1
        await self._close_if_done()

    async def retire(self) -> None:
        """Close it as soon as the last who uses it is done: a log may be followed through it."""
        self._is_wanted = False
        await self._close_if_done()

    async def _close_if_done(self) -> None:
        if not self._users and not self._is_wanted:
            # A cancelled question must not leave the connections open.
            await asyncio.shield(self.client.close())  # type: ignore[no-untyped-call]


def client_of(access: Access, credentials: Credentials, variables: Mapping[str, str]) -> ApiClient:
    """Return the library's client; it connects with its first question."""
    if b"ENCRYPTED" in credentials.key:
        raise SourceError(
            f"the client key of {access.who} is encrypted, and there is no terminal to ask for its"
            " pass phrase",
            fix="Set a key without one, which only you may read, or use a credential plugin",
        )
    # The library wants files, and they hold a key: they are gone before the first question.
    with TemporaryDirectory(prefix="quarterdeck-") as folder:
        configuration = _configuration(access, credentials, variables)
        if credentials.certificate and credentials.key:
            certificate, key = Path(folder, "certificate"), Path(folder, "key")
            certificate.write_bytes(credentials.certificate)
            key.write_bytes(credentials.key)
            configuration.cert_file, configuration.key_file = str(certificate), str(key)
        try:
            client = ApiClient(configuration)
        except (ssl.SSLError, ValueError, OSError) as error:
            raise SourceError(
                f"the certificates that the kubeconfig gives for context {access.context} and user"
                f" {access.who} cannot be used: {error}",
                fix="Log in to the cluster again, so that the kubeconfig is written anew",
            ) from error
    client.user_agent = "quarterdeck"
    for name, value in credentials.headers.items():
        client.set_default_header(name, value)  # type: ignore[no-untyped-call]
    return client


def _configuration(
    access: Access, credentials: Credentials, variables: Mapping[str, str]
) -> Configuration:
    cluster = access.cluster.value
    configuration = Configuration(host=access.server)
    if credentials.authorization:
        configuration.api_key["BearerToken"] = credentials.authorization
    if credentials.authority:
        configuration.ca_cert_data = credentials.authority.decode("ascii", "replace")
    configuration.verify_ssl = cluster.get("insecure-skip-tls-verify") is not True
    # As kubectl does: many a cluster's own authority lacks what strictness asks for.
    configuration.disable_strict_ssl_verification = True
    configuration.tls_server_name = text(cluster, "tls-server-name") or None
    configuration.proxy = proxy_for(access, variables)
    # The library would look at this process's variables, which are not those of the steps.
    configuration.client_session_kwargs = {"trust_env": False}
    return configuration


def proxy_for(access: Access, variables: Mapping[str, str]) -> str | None:
    """Return the proxy through which ``kubectl`` would reach the API server."""
    host = urlsplit(access.server).hostname or ""
    proxy = text(access.cluster.value, "proxy-url")
    if not proxy and host not in _LOOPBACK:
        spared = variables.get("NO_PROXY") or variables.get("no_proxy") or ""
        if not _is_spared(host, spared):
            proxy = variables.get("HTTPS_PROXY") or variables.get("https_proxy") or ""
    if proxy.startswith("socks"):
        raise SourceError(
            f"the proxy of context {access.context} speaks SOCKS, which this console does not",
            fix="Set `proxy-url` in the kubeconfig to an HTTP proxy",
        )
    return proxy or None


def _is_spared(host: str, spared: str) -> bool:
    """Tell whether a list of names, domains and networks has a host in it."""
    for each in (part.strip().lstrip(".") for part in spared.split(",")):
        if each == "*" or (each and (host == each or host.endswith(f".{each}"))):
            return True
        try:
            if ipaddress.ip_address(host) in ipaddress.ip_network(each, strict=False):
                return True
        except ValueError:
            continue
    return False

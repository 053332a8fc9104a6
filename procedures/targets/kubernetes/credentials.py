"""What the client library needs to reach an API server as somebody."""

import asyncio
import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from procedures.errors import SourceError
from procedures.targets.kubernetes.access import Access
from procedures.targets.kubernetes.fields import Json, part, text
from procedures.targets.kubernetes.kubeconfig import Entry
from procedures.targets.kubernetes.plugin import Granted, granted

_LOG_IN = "Log in to the cluster again, so that the kubeconfig is written anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Who asks, and whom to trust.

    Attributes:
        authorization: Value of that header; empty where a certificate, or nothing, tells who asks.
        authority: Certificates to trust (PEM); empty for the system's.
        certificate, key: Of the client (PEM).
        headers: Further ones, to act as somebody else.
        granted: What a plugin gave of these; None without one.
    """

    authorization: str = field(default="", repr=False)
    authority: bytes = b""
    certificate: bytes = field(default=b"", repr=False)
    key: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    granted: Granted | None = None


async def credentials_of(
    access: Access, variables: Mapping[str, str], kept: Granted | None = None
) -> Credentials:
    """Return what the kubeconfig gives for a context.

    Args:
        access: The context.
        variables: The environment of a credential plugin.
        kept: What the plugin gave before; None to run it, if there is one.
    """
    given = kept
    if given is None and part(access.user.value, "exec"):
        given = await granted(access, variables)
    return await asyncio.to_thread(_read, access, given)


def _read(access: Access, given: Granted | None) -> Credentials:
    """Return the credentials; reads the files that hold them."""
    user = access.user.value
    if field_of := [each for each in ("as-groups", "as-uid", "as-user-extra") if each in user]:
        raise SourceError(
            f"user {access.who} of the kubeconfig acts as another one by {field_of[0]}, which this"
            " console does not know",
            fix="Set a user without it",
        )
    certificate = _pem(access.user, "client-certificate", access.who)
    key = _pem(access.user, "client-key", access.who)
    if given is not None and given.certificate:
        certificate, key = given.certificate.encode(), given.key.encode()
    return Credentials(
        authorization=_authorization(access, user, given),
        authority=_pem(access.cluster, "certificate-authority", access.context),
        certificate=certificate,
        key=key,
        headers={"Impersonate-User": text(user, "as")} if text(user, "as") else {},
        granted=given,
    )


def _authorization(access: Access, user: Json, given: Granted | None) -> str:
    """Return the header's value, from the first of the ways that ``kubectl`` would take."""
    if given is not None and given.token:
        return f"Bearer {given.token}"
    path = access.user.path("tokenFile")
    token = _file(path, access.who).decode("utf-8", "replace") if path else text(user, "token")
    if not token:
        provided = part(user, "auth-provider", "config")
        token = text(provided, "id-token") or text(provided, "access-token")
    if token.strip():
        return f"Bearer {token.strip()}"
    if "username" in user:
        pair = f"{text(user, 'username')}:{text(user, 'password')}"
        return f"Basic {b64encode(pair.encode()).decode()}"
    if part(user, "auth-provider"):
        raise SourceError(
            f"user {access.who} of the kubeconfig has no token yet, and logs in by the provider"
            f" {text(user, 'auth-provider', 'name')}",
            fix=f"Run `kubectl --context {access.context} get pods` once, or use a credential"
            " plugin",
        )
    return ""


def _pem(entry: Entry, key: str, who: str) -> bytes:
    """Return a certificate or key, which stands in the kubeconfig or in a file of its own."""
    inline = text(entry.value, f"{key}-data")
    if not inline:
        path = entry.path(key)
        return _file(path, who) if path else b""
    try:
        return b64decode(inline, validate=False)
    except (ValueError, binascii.Error) as error:
        raise SourceError(
            f"{key}-data of {who} in the kubeconfig is not base64", fix=_LOG_IN
        ) from (error)


def _file(path: Path, who: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"{path}, which the kubeconfig names for {who}, cannot be read: {error.strerror}",
            fix=_LOG_IN,
        ) from error

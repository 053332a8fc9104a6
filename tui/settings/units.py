"""Durations, sizes and addresses as a settings file writes them; refusals are SettingsErrors."""

import re
from urllib.parse import urlsplit

from procedures.errors import SettingsError
from procedures.runbook import quantities


def seconds(text: str) -> float:
    """Return a duration such as ``500ms``, ``5s``, ``1h30m`` or ``7d`` in seconds."""
    duration_s = quantities.seconds(text)
    if duration_s is None:
        raise SettingsError(
            f"{text!r} is no duration", fix='Write a number with a unit, such as "5s" or "1h30m"'
        )
    return duration_s


def size_bytes(text: str) -> float:
    """Return a size such as ``512MiB`` or ``50GB`` in bytes."""
    size = quantities.size_bytes(text)
    if size is None:
        raise SettingsError(
            f"{text!r} is no size", fix='Write a number with a unit, such as "2GiB" or "50GB"'
        )
    return size


def address(text: str) -> str:
    """Return an HTTP address without a trailing slash; it may not carry credentials or a query.

    No refusal repeats the address, which may hold what the operator meant to keep.
    """
    example = 'Write an address such as "https://prometheus.example.org:9090"'
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise SettingsError(f"is no address: {error}", fix=example) from error
    if parts.username is not None:
        raise SettingsError(
            "carries a user name or password in the address",
            fix="Move them to the keys `username` and `password`",
        )
    if parts.scheme not in ("http", "https") or not host or port == 0 or re.search(r"\s", text):
        raise SettingsError("is no HTTP address", fix=example)
    if parts.query or parts.fragment:
        raise SettingsError(
            "has a query or a fragment", fix="Leave out everything from '?' or '#' on"
        )
    return text.rstrip("/")


def health_address(text: str) -> str:
    """Return the complete address of the health endpoint."""
    url = address(text)
    if not urlsplit(url).path:
        raise SettingsError("has no path", fix=f'Write it in full, such as "{url}/health"')
    return url


def api_address(text: str) -> str:
    """Return the base address of the configuration API, without the version."""
    return _without(address(text), "/api/v1")


def metrics_address(text: str) -> str:
    """Return the base address of one instance's metrics."""
    return _without(address(text), "/metrics")


def _without(url: str, path: str) -> str:
    if url.endswith(path):
        raise SettingsError(
            f"ends in {path}, which the console adds", fix=f'Write "{url.removesuffix(path)}"'
        )
    return url

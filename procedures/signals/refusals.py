"""What an HTTP answer other than the wanted one means, and what to do about it."""

import json
from collections.abc import Mapping

from procedures.errors import SourceError

MOST_BYTES = 32 * 1024**2
"""Largest answer that is read."""

_MEANINGS = {
    401: ("did not accept the credentials (401)", "Correct the credentials in the settings"),
    403: ("does not allow this (403)", "Ask for read access, or use other credentials"),
    404: ("has nothing at this address (404)", "Correct the address in the settings"),
    407: ("is behind a proxy that wants credentials (407)", "Set NO_PROXY or correct the proxy"),
    426: (
        "demands TLS (426)",
        "Use https://, or set the header X-Forwarded-Proto behind a trusted proxy",
    ),
    429: ("limits the rate of requests (429)", "Lengthen the intervals in the settings"),
}


CREDENTIALS_REFUSED = frozenset({401, 403})
"""Statuses by which a server refuses who asks, and not what is asked."""


class CredentialsRefusedError(SourceError):
    """The server does not let these credentials in; new ones may have come meanwhile."""


class QueryRefusedError(SourceError):
    """The server understood the request and would not evaluate this query."""


def refusal(address: str, status: int, headers: Mapping[str, str]) -> SourceError | None:
    """Return why an answer is of no use by its status alone; None for a success.

    The names in ``headers`` are lower-case, or the mapping does not mind.
    """
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        target = headers.get("location", "elsewhere")[:200]
        return SourceError(
            f"{address} redirects to {target} ({status})",
            fix="Give the final address in the settings; redirects are not followed",
        )
    if status in _MEANINGS:
        what, fix = _MEANINGS[status]
        kind = CredentialsRefusedError if status in CREDENTIALS_REFUSED else SourceError
        return kind(f"{address} {what}", fix=fix)
    fix = "Look at its logs" if status >= 500 else "Correct the address in the settings"
    return SourceError(f"{address} answered {status}", fix=fix)


def query_refused(address: str, body: bytes) -> QueryRefusedError:
    """Return the error for a query that Prometheus calls wrong, in its own words."""
    try:
        reason = str(json.loads(body)["error"])[:300]
    except (ValueError, KeyError, TypeError):
        reason = "without a reason"
    return QueryRefusedError(
        f"{address} refused the query: {reason}", fix="Correct the indicator's query"
    )


def is_html(headers: Mapping[str, str], body: bytes) -> bool:
    """Return whether the answer is a web page."""
    kind = headers.get("content-type", "").lower()
    return "html" in kind or body[:200].lstrip().lower().startswith((b"<!doctype html", b"<html"))


def html_instead(address: str) -> SourceError:
    """Return the error for a web page where data was wanted."""
    return SourceError(
        f"{address} answered with a web page",
        fix="A proxy or login page stands before it: give the address behind it",
    )


def not_understood(address: str, wanted: str) -> SourceError:
    """Return the error for an answer that is not ``wanted``."""
    return SourceError(
        f"{address} answered with something that is not {wanted}",
        fix="Check the address in the settings",
    )


def too_large(address: str) -> SourceError:
    """Return the error for an answer over the limit."""
    return SourceError(
        f"{address} answered with more than {MOST_BYTES // 1024**2} MiB",
        fix="Check the address, or reduce the number of series",
    )


def too_slow(address: str, timeout_s: float) -> SourceError:
    """Return the error for an answer that did not come in time."""
    return SourceError(
        f"{address} did not answer within {timeout_s:g} s", fix="Check its load and the network"
    )


def unreachable(address: str, cause: BaseException) -> SourceError:
    """Return the error for a connection that failed, with the innermost cause."""
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__ or cause
    if isinstance(cause, ConnectionRefusedError):
        reason = "connection refused"
    else:
        reason = (getattr(cause, "strerror", None) or str(cause) or type(cause).__name__)[:200]
    return SourceError(
        f"{address} cannot be reached: {reason}",
        fix="Check that it runs and that the address and certificates are right",
    )

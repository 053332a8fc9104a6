"""Secrets taken out of text before it reaches the screen, the ledger or a report."""

import re
from collections.abc import Iterable
from urllib.parse import quote

REDACTED = "••••"

_SHORTEST_SECRET = 4
"""Shorter values are not taken out: they would blank every text, and protect nothing."""

_PRIVATE_KEY = re.compile(
    r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
_CREDENTIAL = r"(?!\$)[A-Za-z0-9._~+/=-]{8,}"
_AUTHORIZATION = re.compile(
    rf"(authorization[\"']?\s*[:=]\s*[\"']?\w+|\b(?-i:Bearer))\s+{_CREDENTIAL}", re.IGNORECASE
)
_URL_PASSWORD = re.compile(r"(://[^\s:/@]*):(?!\$)[^\s/@]+@")
_NAMED = re.compile(
    r"""
    ( (?<![\w.-])      # the name, as in shell, YAML, JSON or a log line, from its beginning
      [\w.-]*
      (?: passw(?:or)?d | passphrase | token | secret | credential | api_?key | _auth
        | [a-z0-9][_-]key )
      ["']? \s* [=:] \s*
    )
    (?: "(?!\$)[^"\n]+" | '(?!\$)[^'\n]+' | (?!["'$])[^\s"',;&}]+ )
    """,
    re.IGNORECASE | re.VERBOSE,
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return ``text`` without the values of ``secrets`` and without what looks like a secret.

    Known by its looks: bearer and basic credentials, passwords within URLs, private keys, and
    values of names such as ``DB_PASSWORD``, ``api_key`` or ``"token"``. A reference to a variable
    (``$DB_PASSWORD``) is no secret and stays.
    """
    for secret in _spellings(secrets):
        text = text.replace(secret, REDACTED)
    text = _PRIVATE_KEY.sub(rf"\1{REDACTED}\2", text)
    text = _AUTHORIZATION.sub(rf"\1 {REDACTED}", text)
    text = _URL_PASSWORD.sub(rf"\1:{REDACTED}@", text)
    return _NAMED.sub(rf"\1{REDACTED}", text)


def _spellings(secrets: Iterable[str]) -> list[str]:
    """Return every form in which a secret may appear, longest first; a line of it counts too."""
    lines = {line.strip() for secret in secrets for line in secret.splitlines()}
    found = {form for line in lines for form in (line, quote(line, safe=""))}
    return sorted((form for form in found if len(form) >= _SHORTEST_SECRET), key=len, reverse=True)

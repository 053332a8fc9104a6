"""The forms in which a known secret may appear: quoted, escaped or encoded; pure."""

import binascii
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

SHORTEST_SECRET = 4
"""Shorter values are not taken out: they would blank every text, and protect nothing."""

_TELLING_RUN = 6
"""Characters in a row that no spelling changes, enough to be rare in other text."""

_WRAPS = (76, 64)
"""Columns at which ``base64`` and ``openssl`` break their lines."""

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~")
_URL_ALPHABET = bytes.maketrans(b"+/", b"-_")
_NAMED_ESCAPES = {"\n": r"\n", "\t": r"\t", "\r": r"\r", "\b": r"\b", "\f": r"\f"}
_XML_BASE = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_XML_QUOTES: tuple[dict[str, str], ...] = (
    {},
    {'"': "&quot;"},
    {'"': "&quot;", "'": "&#x27;"},
    {'"': "&quot;", "'": "&apos;"},
    {'"': "&#34;", "'": "&#39;"},
)


class KnownSecret(NamedTuple):
    """One secret and how to find it.

    Attributes:
        anchors: Where one of the spellings is, one of these is too: few and quickly looked for.
        spellings: All its forms, longest first; none has a line break.
    """

    anchors: tuple[bytes, ...]
    spellings: tuple[bytes, ...]


def known_secrets(secrets: Iterable[str]) -> tuple[KnownSecret, ...]:
    """Return what to look for; each line of a secret counts as one of its own."""
    return _known_secrets(tuple(secrets))


@lru_cache(maxsize=16)
def _known_secrets(secrets: tuple[str, ...]) -> tuple[KnownSecret, ...]:
    found: list[KnownSecret] = []
    for secret in dict.fromkeys(secrets):
        for line in dict.fromkeys(part.strip() for part in secret.splitlines()):
            texts = [text for text in _written(line) if len(text) >= SHORTEST_SECRET]
            anchor = max(re.findall(r"[A-Za-z0-9_.-]+", line), key=len, default="")
            anchors = [anchor] if len(anchor) >= _TELLING_RUN else texts
            found += _known(map(_bytes, anchors), map(_bytes, texts))
        whole = secret.strip("\r\n")
        if len(whole) >= SHORTEST_SECRET:
            encoded = tuple(_base64_forms(_bytes(whole)))
            found += _known(_without_longer(encoded), encoded)
    return tuple(found)


def _known(anchors: Iterable[bytes], spellings: Iterable[bytes]) -> Iterator[KnownSecret]:
    forms = {form for form in spellings if len(form) >= SHORTEST_SECRET}
    if forms:
        yield KnownSecret(
            tuple(dict.fromkeys(anchors)), tuple(sorted(forms, key=lambda form: (-len(form), form)))
        )


def _without_longer(forms: tuple[bytes, ...]) -> list[bytes]:
    """Return the forms that contain no other: where none of these is, none of all is."""
    usable = {form for form in forms if len(form) >= SHORTEST_SECRET}
    return sorted(f for f in usable if not any(o in f for o in usable if o is not f))


def _bytes(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")  # as the environment had it
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _written(line: str) -> Iterator[str]:
    """Yield ``line`` as URLs, JSON, shells and markup would write it."""
    yield line
    quoted = _percent(line, "")
    for text in (quoted, _percent(line, "/"), quoted.replace("%20", "+")):
        yield text
        yield re.sub("%..", lambda code: code[0].lower(), text)
    yield from _as_json(line)
    yield from _as_shell(line)
    for quotes in _XML_QUOTES:
        yield "".join((_XML_BASE | quotes).get(c, c) for c in line)


def _percent(line: str, safe: str) -> str:
    unreserved = _UNRESERVED | frozenset(safe.encode())
    return "".join(chr(byte) if byte in unreserved else f"%{byte:02X}" for byte in _bytes(line))


def _as_json(line: str) -> Iterator[str]:
    """Yield it as Python, JavaScript, PHP and Go escape it."""

    def escaped(is_plain: Callable[[str], bool]) -> str:
        return "".join(
            c if is_plain(c) else _NAMED_ESCAPES.get(c) or _utf16_escapes(c)
            for c in line.replace("\\", r"\\").replace('"', r"\"")
        )

    for text in (
        escaped(lambda c: c >= " "),
        escaped(lambda c: " " <= c <= "~"),
        escaped(lambda c: c >= " " and c not in "<>&"),
    ):
        yield text
        yield text.replace("/", r"\/")
        # Within a text that is escaped itself, as a JSON body in a log line in JSON.
        yield text.replace("\\", r"\\").replace('"', r"\"")


def _utf16_escapes(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(rf"\u{units[i] << 8 | units[i + 1]:04x}" for i in range(0, len(units), 2))


def _as_shell(line: str) -> Iterator[str]:
    """Yield it as it stands between single, double and ``$'…'`` quotes, and after backslashes."""
    yield line.replace("'", r"'\''")
    yield line.replace("'", "'\"'\"'")
    yield re.sub(r'([$`"\\])', r"\\\1", line)
    yield re.sub(r"([^\w@%+=:,./-])", r"\\\1", line)
    ansi = line.replace("\\", r"\\").replace("'", r"\'")
    ansi = "".join(_NAMED_ESCAPES.get(c, c) for c in ansi)
    yield ansi
    yield "".join(c if c <= "~" else "".join(rf"\{b:03o}" for b in _bytes(c)) for c in ansi)


def _base64_forms(secret: bytes) -> Iterator[bytes]:
    """Yield the encodings of ``secret`` alone, and of it within more at each alignment."""
    whole = binascii.b2a_base64(secret, newline=False)
    forms = [whole, whole.rstrip(b"=")]
    for before in range(3):
        # The characters at both ends mix the secret's bits with those of its neighbours.
        encoded = binascii.b2a_base64(bytes(before) + secret, newline=False)
        first, end = -(-8 * before // 6), 8 * (before + len(secret)) // 6
        forms.append(encoded[first:end])
    for width in _WRAPS:
        if len(whole) > width:
            forms += [whole[i : i + width] for i in range(0, len(whole), width)]
    for form in forms:
        yield form
        yield form.translate(_URL_ALPHABET)

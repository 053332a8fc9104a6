"""When a certificate is valid; pure.

The standard library decodes only certificates of authorities, and here is one of a client: the few
fields before its validity are stepped over by hand. Source: RFC 5280, section 4.1, in DER.
"""

import binascii
import re
from base64 import b64decode
from datetime import UTC, datetime

_PEM = re.compile(
    rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----", re.ASCII
)
_SEQUENCE, _VERSION, _UTC_TIME = 0x30, 0xA0, 0x17


def validity(pem: bytes) -> tuple[datetime, datetime] | None:
    """Return from when until when the first certificate in a text is valid; None if unreadable."""
    found = _PEM.search(pem)
    if found is None:
        return None
    try:
        whole = _content(b64decode(found[1]), 0)[1]
        signed = _content(whole, 0)[1]
        at = 0
        if signed[0] == _VERSION:
            at = _content(signed, at)[2]
        for _ in ("serial number", "signature", "issuer"):
            at = _content(signed, at)[2]
        kind, times, _ = _content(signed, at)
        if kind != _SEQUENCE:
            return None
        first_kind, first, after = _content(times, 0)
        last_kind, last, _ = _content(times, after)
        return _time(first_kind, first), _time(last_kind, last)
    except (IndexError, ValueError, binascii.Error):
        return None


def _content(data: bytes, at: int) -> tuple[int, bytes, int]:
    """Return kind and content of the element at a place, and where the next one begins."""
    kind, length, at = data[at], data[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length, at = int.from_bytes(data[at : at + size], "big"), at + size
    return kind, data[at : at + length], at + length


def _time(kind: int, digits: bytes) -> datetime:
    # A two-digit year from 50 on is of the last century, says RFC 5280; strptime says from 69.
    text = digits.decode("ascii")
    if kind == _UTC_TIME:
        text = ("19" if text >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)

"""Amounts as Kubernetes writes them: ``250m``, ``64Mi``; pure."""

import re

_AMOUNT = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i))?\Z")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}


def amount(text: object) -> float | None:
    """Return an amount as a number, of cores or bytes; None for what is not one."""
    if isinstance(text, int | float) and not isinstance(text, bool):
        return float(text)
    found = _AMOUNT.match(text) if isinstance(text, str) else None
    if found is None:
        return None
    digits, exponent, suffix = found.groups()
    if exponent:
        return float(digits + exponent)
    if suffix in _BINARY:
        return float(digits) * 1024.0 ** _BINARY[suffix]
    return float(digits) * 10.0 ** _DECIMAL.get(suffix, 0)

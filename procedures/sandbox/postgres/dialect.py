"""PostgreSQL's SQL as SQLite understands it, for the forms that operators write."""

import re

_TEXT = re.compile(r"'(?:[^']|'')*'")
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_CALL_OR_NAME = r"(?:[\w.]+\([^()]*\)|[\w.]+)"
_STASHED = "\x00{}\x00"
_REWRITES = (
    (r"\binterval\s+(\x00\d+\x00)", r"interval(\1)"),
    (r"\bextract\s*\(\s*epoch\s+from\s+", "extract_epoch("),
    (rf"({_CALL_OR_NAME})\s*-\s*interval\(", r"time_minus(\1, "),
    (rf"({_CALL_OR_NAME})\s*\+\s*interval\(", r"time_plus(\1, "),
    (r"\b(now\(\)|clock_timestamp\(\)|current_timestamp)\s*-\s*([\w.]+)", r"age(\1, \2)"),
    (r"::\s*numeric\s*(?:\(\s*\d+(?:\s*,\s*\d+)?\s*\))?", ""),
    (rf"({_CALL_OR_NAME})\s*::\s*(?:int|integer|bigint)\b", r"cast(\1 AS INTEGER)"),
    (r"::\s*(?:double precision|timestamp with time zone|[a-z_]\w*(?:\[\])?)", ""),
    (r"\bILIKE\b", "LIKE"),
    (r"\bpg_catalog\.", ""),
    (r"\binformation_schema\.", "information_schema_"),
    (r"\bpublic\.", ""),
    (r"\bcurrent_timestamp\b", "now()"),
    (r"\bcurrent_user\b|\bsession_user\b", "current_user_name()"),
    (r"\b(left|right)\s*\(", r"\1_text("),
    (r"\bIS\s+(NOT\s+)?DISTINCT\s+FROM\b", lambda m: "IS" if m[1] else "IS NOT"),
    (r"\bFETCH\s+FIRST\s+(\d+)\s+ROWS?\s+ONLY\b", r"LIMIT \1"),
    (r"\bstring_agg\s*\(", "group_concat("),
    (r"\bunnest\s*\((?:[^()]|\([^()]*\))*\)", "NULL"),
    (r"\bbool_and\s*\(", "min("),
    (r"\bbool_or\s*\(", "max("),
    (r"\bAS\s+MATERIALIZED\b", "AS"),
)


def translated(statement: str) -> str:
    """Return one statement for SQLite; what it does not know stays as it is."""
    text, texts = stashed(_COMMENT.sub(" ", statement))
    for pattern, replacement in _REWRITES:
        text = re.sub(pattern, replacement, text, flags=re.IGNORECASE)
    return restored(text, texts)


def is_truth(statement: str) -> bool:
    """Whether a statement selects one value that is true or false, for SQLite has only numbers."""
    text, _ = stashed(_COMMENT.sub(" ", statement))
    while (flat := re.sub(r"\([^()]*\)", "", text)) != text:
        text = flat
    match = re.match(r"\s*SELECT\s+(.*?)(?:\s+FROM\s.*|\s*;?\s*)$", text, re.I | re.DOTALL)
    if match is None or "," in match[1]:
        return False
    compared = r"[<>=]|\b(?:EXISTS|BETWEEN|IN|LIKE|IS|AND|OR)\b|^NOT\b|^bool_(?:and|or)\b"
    return bool(re.search(compared, match[1], re.IGNORECASE))


def statements(script: str) -> list[str]:
    """Return the statements of a script without their semicolons."""
    text, texts = stashed(_COMMENT.sub(" ", script))
    return [restored(part, texts).strip() for part in text.split(";") if part.strip()]


def stashed(statement: str) -> tuple[str, list[str]]:
    """Return the statement with its quoted texts replaced by marks, and those texts."""
    texts: list[str] = []

    def keep(match: re.Match[str]) -> str:
        texts.append(match[0])
        return _STASHED.format(len(texts) - 1)

    return _TEXT.sub(keep, statement), texts


def restored(text: str, texts: list[str]) -> str:
    """Put the quoted texts back."""
    return re.sub("\x00(\\d+)\x00", lambda match: texts[int(match[1])], text)


def with_variables(script: str, variables: dict[str, str]) -> str:
    """Fill psql's ``:name``, ``:'name'`` and ``:"name"``."""

    def fill(match: re.Match[str]) -> str:
        quote, name = match[1], match[2]
        if name not in variables:
            return match[0]
        value = variables[name]
        if quote:
            return quote + value.replace(quote, quote * 2) + quote
        return value

    return re.sub(r"(?<![:\w]):(['\"]?)([A-Za-z_]\w*)\1", fill, script)

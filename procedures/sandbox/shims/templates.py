"""Go templates as ``docker --format`` takes them: fields, json, if, range, index."""

import json
import re
from collections.abc import Mapping
from typing import Any

from procedures.sandbox.shims.usage import UnknownUsageError, say

_TAG = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}")
_PATH = re.compile(r"\$?(?:\.[\w-]+)+|\.")


def filled(template: str, value: Mapping[str, Any]) -> str:
    """Return ``template`` with its actions carried out on ``value``."""
    template = template.replace("\\t", "\t").replace("\\n", "\n")
    pieces = _TAG.split(template)
    text, rest = _block(pieces, 0, value, shown=True)
    if rest != len(pieces):
        raise UnknownUsageError(f"--format {template}")
    return text


def _block(pieces: list[str], at: int, value: Any, *, shown: bool) -> tuple[str, int]:  # noqa: ANN401
    """Render until the end, an ``else`` or an ``end``; odd pieces are actions."""
    out = []
    while at < len(pieces):
        if at % 2 == 0:
            out.append(pieces[at])
            at += 1
            continue
        word, _, rest = pieces[at].partition(" ")
        if word in {"else", "end"}:
            break
        if word == "if":
            text, at = _either(pieces, at + 1, rest, value, shown=shown)
        elif word == "range":
            text, at = _each(pieces, at + 1, rest, value, shown=shown)
        else:
            text, at = (_action(pieces[at], value) if shown else ""), at + 1
        out.append(text)
    return "".join(out) if shown else "", at


def _either(
    pieces: list[str],
    at: int,
    condition: str,
    value: Any,  # noqa: ANN401 - JSON
    *,
    shown: bool,
) -> tuple[str, int]:
    holds = bool(_found(condition, value, lenient=True))
    text, at = _block(pieces, at, value, shown=shown and holds)
    if at < len(pieces) and pieces[at].startswith("else"):
        other, at = _block(pieces, at + 1, value, shown=shown and not holds)
        text += other
    return text, at + 1


def _each(
    pieces: list[str],
    at: int,
    path: str,
    value: Any,  # noqa: ANN401 - JSON
    *,
    shown: bool,
) -> tuple[str, int]:
    items = _found(path.rpartition(":=")[2].strip(), value, lenient=True) if shown else []
    items = list(items.values()) if isinstance(items, Mapping) else list(items or [])
    text, end = "", at
    for item in items:
        part, end = _block(pieces, at, item, shown=True)
        text += part
    if not items:
        _, end = _block(pieces, at, value, shown=False)
    return text, end + 1


def _action(action: str, value: Any) -> str:  # noqa: ANN401
    word, _, rest = action.partition(" ")
    if word == "json":
        return json.dumps(_found(rest, value), separators=(",", ":"))
    if word == "println":
        return _text(_found(rest, value)) + "\n"
    if match := re.fullmatch(r'index (\S+) "(.*)"', action):
        found = _found(match[1], value)
        return _text(found.get(match[2], "")) if isinstance(found, Mapping) else ""
    return _text(_found(action, value))


def _found(path: str, value: Any, *, lenient: bool = False) -> Any:  # noqa: ANN401
    if not _PATH.fullmatch(path):
        raise UnknownUsageError(f"template {path}")
    for name in path.lstrip("$").split(".")[1:] if path != "." else []:
        if not isinstance(value, Mapping) or name not in value:
            if lenient:
                return None
            raise UnknownUsageError(f"template {path}")
        value = value[name]
    return value


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "map[" + " ".join(f"{k}:{_text(v)}" for k, v in value.items()) + "]"
    if isinstance(value, list):
        return "[" + " ".join(map(_text, value)) + "]"
    return str(value)


def templated(template: str, rows: list[dict[str, str]]) -> int:
    """Print rows through a template, with a heading if it begins with ``table``."""
    shown = template.removeprefix("table ")
    if shown != template:
        head = {name: name.upper() for row in rows[:1] for name in row}
        rows = [head, *rows]
    for row in rows:
        say(filled(shown, row))
    return 0

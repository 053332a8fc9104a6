"""The part of kubectl's JSONPath that scripts use: paths, indexes, filters, ``range``, text."""

import json
import re
from collections.abc import Mapping
from typing import Any

from procedures.sandbox.shims.usage import UnknownUsageError

_PIECE = re.compile(r"\{((?:[^{}\"']|\"[^\"]*\"|'[^']*')*)\}|([^{}]+)")
_STEP = re.compile(
    r"\.\.(?P<deep>[\w-]+)|\.(?P<name>(?:[\w/-]|\\.)+)|\['(?P<quoted>[^']+)'\]"
    r"|\[\?\(@(?P<filter>\.[\w.-]+)\s*(?P<op>==|!=|>=|<=|>|<)\s*(?P<value>\"[^\"]*\"|'[^']*'|[\w.]+)\)\]"
    r"|\[(?P<index>-?\d+|\*)\]|\[(?P<from>-?\d*):(?P<to>-?\d*)\]"
)
_QUOTED = re.compile(r"\"(.*)\"|'(.*)'", re.DOTALL)


def render(template: str, value: object) -> str:
    """Return ``template`` with its expressions replaced by what they find in ``value``."""
    pieces = list(_PIECE.finditer(template))
    if "".join(piece[0] for piece in pieces) != template:
        raise UnknownUsageError(f"jsonpath {template}")
    text, rest = _rendered(pieces, 0, value)
    if rest != len(pieces):
        raise UnknownUsageError(f"jsonpath {template}")
    return text


def found(path: str, value: object) -> list[object]:
    """Return everything that a path leads to; nothing where it does not exist."""
    path = path.strip().removeprefix("$").removeprefix("@")
    steps = list(_STEP.finditer(path))
    if "".join(step[0] for step in steps) != path:
        raise UnknownUsageError(f"jsonpath {{{path}}}")
    values = [value]
    for step in steps:
        values = [item for each in values for item in _follow(each, step)]
    return values


def text(value: object) -> str:
    """Return a value as kubectl prints it."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _rendered(pieces: list[re.Match[str]], at: int, value: object) -> tuple[str, int]:
    out = []
    while at < len(pieces):
        piece = pieces[at]
        at += 1
        if piece[1] is None:
            out.append(piece[2].replace(r"\n", "\n").replace(r"\t", "\t"))
        elif piece[1].strip() == "end":
            return "".join(out), at
        elif piece[1].startswith("range "):
            items = found(piece[1][len("range ") :], value)
            end = at
            for item in items:
                part, end = _rendered(pieces, at, item)
                out.append(part)
            if not items:
                _, end = _rendered(pieces, at, {})
            at = end
        else:
            out.append(_expression(piece[1], value))
    return "".join(out), at


def _expression(expression: str, value: object) -> str:
    if quoted := _QUOTED.fullmatch(expression):
        inner = quoted[1] if quoted[1] is not None else quoted[2]
        return inner.replace(r"\n", "\n").replace(r"\t", "\t")
    return " ".join(text(item) for item in found(expression, value))


def _follow(value: object, step: re.Match[str]) -> list[object]:
    """Return what one step leads to; nothing where the path does not exist."""
    if step["deep"]:
        return _everywhere(step["deep"], value)
    name = step["name"] or step["quoted"]
    if name is not None:
        name = name.replace("\\", "")
        if name == "*" and isinstance(value, Mapping):
            return list(value.values())
        return [value[name]] if isinstance(value, Mapping) and name in value else []
    if step["index"] == "*" and isinstance(value, Mapping):
        return list(value.values())
    if not isinstance(value, list):
        return []
    if step["filter"]:
        return [each for each in value if _holds(each, step)]
    if step["index"] == "*":
        return list(value)
    if step["index"]:
        place = int(step["index"])
        return [value[place]] if -len(value) <= place < len(value) else []
    begin = int(step["from"]) if step["from"] else None
    return value[begin : int(step["to"]) if step["to"] else None]


def _holds(value: object, step: re.Match[str]) -> bool:
    wanted = step["value"].strip("\"'")
    texts = [text(each) for each in found(step["filter"], value)]
    if step["op"] in {"==", "!="}:
        return (wanted in texts) == (step["op"] == "==")
    orders: dict[str, Any] = {
        ">": lambda a, b: a > b,
        "<": lambda a, b: a < b,
        ">=": lambda a, b: a >= b,
        "<=": lambda a, b: a <= b,
    }
    return any(orders[step["op"]](float(each), float(wanted)) for each in texts)


def _everywhere(name: str, value: object) -> list[object]:
    if isinstance(value, list):
        return [item for each in value for item in _everywhere(name, each)]
    if not isinstance(value, Mapping):
        return []
    own = [value[name]] if name in value else []
    return own + [item for each in value.values() for item in _everywhere(name, each)]

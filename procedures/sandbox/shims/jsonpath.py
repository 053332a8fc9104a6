"""The part of kubectl's JSONPath that scripts use: dots, indexes, ``[*]`` and literal text."""

import json
import re

from procedures.sandbox.shims.usage import UnknownUsageError

_PIECE = re.compile(r"\{([^{}]*)\}|([^{}]+)")
_STEP = re.compile(r"\.([\w-]+)|\[(\d+|\*)\]")
_QUOTED = re.compile(r'"(.*)"')


def render(template: str, value: object) -> str:
    """Return ``template`` with its expressions replaced by what they find in ``value``."""
    pieces = list(_PIECE.finditer(template))
    if "".join(piece[0] for piece in pieces) != template:
        raise UnknownUsageError(f"jsonpath {template}")
    return "".join(
        piece[2] if piece[1] is None else _expression(piece[1], value) for piece in pieces
    )


def _expression(text: str, value: object) -> str:
    if quoted := _QUOTED.fullmatch(text):
        return quoted[1].replace(r"\n", "\n").replace(r"\t", "\t")
    steps = list(_STEP.finditer(text.removeprefix("$")))
    if not steps or "".join(step[0] for step in steps) != text.removeprefix("$"):
        raise UnknownUsageError(f"jsonpath {{{text}}}")
    found = [value]
    for step in steps:
        found = [item for each in found for item in _follow(each, step)]
    return " ".join(_text(item) for item in found)


def _follow(value: object, step: re.Match[str]) -> list[object]:
    """Return what one step leads to; nothing where the path does not exist."""
    name, index = step[1], step[2]
    if name is not None:
        return [value[name]] if isinstance(value, dict) and name in value else []
    if not isinstance(value, list):
        return []
    return list(value) if index == "*" else value[int(index) : int(index) + 1]


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)

"""A ``sh`` or ``undo`` fence becomes a Command; each attribute is known and sound, or a problem."""

import re
from collections.abc import Mapping
from typing import Any

from procedures.environment import Method
from procedures.reference.levels import Level
from procedures.runbook.model import Command
from procedures.runbook.problems import Problems, nearest
from procedures.runbook.quantities import seconds

_OURS = frozenset({"method", "level", "affects", "confirm", "irreversible", "timeout"})
_RUNME = frozenset({"name", "cwd", "background", "interactive"})
_RUNME_ONLY = frozenset({"category", "closeTerminalOnSuccess", "excludeFromRunAll", "mimeType"})
"""Runme's keys that say nothing to the console; a document keeps them for Runme."""

_FLAGS = frozenset(
    {"irreversible", "background", "interactive", "closeTerminalOnSuccess", "excludeFromRunAll"}
)


def command_of(
    script: str, line: int, attributes: Mapping[str, str], problems: Problems
) -> Command:
    """Return the command of a fence that begins at ``line``."""
    if not script.strip():
        problems.add(line, "the command is empty")
    known = _OURS | _RUNME | _RUNME_ONLY
    for name in attributes.keys() - known:
        problems.add(line, f"unknown attribute '{name}'", nearest(name, known))
    flags = {name: _flag(name, line, attributes, problems) for name in _FLAGS}
    command = Command(
        script=script,
        line=line,
        level=_level(line, attributes, problems),
        methods=_methods(line, attributes, problems),
        affects=attributes.get("affects", ""),
        confirm=attributes.get("confirm", ""),
        name=attributes.get("name", ""),
        cwd=attributes.get("cwd", ""),
        irreversible=flags["irreversible"],
        background=flags["background"],
        interactive=flags["interactive"],
        **_timeout(line, attributes, problems),
    )
    if command.confirm and command.level is not Level.DESTRUCTIVE:
        problems.add(line, "'confirm' is only for a destructive command", "Declare its level")
    return command


def _flag(name: str, line: int, attributes: Mapping[str, str], problems: Problems) -> bool:
    text = attributes.get(name, "false")
    if text not in ("true", "false"):
        problems.add(line, f"'{name}' must be true or false, not '{text}'")
    return text == "true"


def _level(line: int, attributes: Mapping[str, str], problems: Problems) -> Level:
    words = [level.value for level in Level]
    word = attributes.get("level", Level.READ.value)
    if word in words:
        return Level(word)
    problems.add(line, f"unknown level '{word}'", nearest(word, words))
    return Level.DESTRUCTIVE


def _methods(line: int, attributes: Mapping[str, str], problems: Problems) -> tuple[Method, ...]:
    """Return the methods of ``method=docker`` or ``method=docker,kubernetes``."""
    if "method" not in attributes:
        return ()
    known = {method.value: method for method in Method}
    words = re.split(r"\s*[,|]\s*", attributes["method"])
    for word in words:
        if word not in known:
            problems.add(line, f"unknown method '{word}'", nearest(word, known))
    return tuple(known[word] for word in words if word in known)


def _timeout(line: int, attributes: Mapping[str, str], problems: Problems) -> dict[str, Any]:
    if "timeout" not in attributes:
        return {}
    timeout_s = seconds(attributes["timeout"])
    if timeout_s:
        return {"timeout_s": timeout_s}
    problems.add(line, f"timeout '{attributes['timeout']}' is no duration", "Write it like '120s'")
    return {}

"""The YAML between the ``---`` lines at the head of a document.

The node tree is read, not the loaded value: nodes know their lines, and nothing in a document can
make the loader build an object.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import yaml

from procedures.environment import Method
from procedures.runbook.inputs import input_of
from procedures.runbook.model import Input
from procedures.runbook.problems import Problems, nearest
from procedures.runbook.quantities import duration
from procedures.runbook.yaml_nodes import Key, keys_of, text_of, texts_of

_BLOCK = re.compile(r"---[ \t]*\n(?P<yaml>.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SEVERITIES = ("P1", "P2", "P3", "P4")
_REQUIRED = ("id", "title")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """What stands before the body.

    Attributes:
        fields: Those fields of a Procedure that the front matter gives.
        lines: Line of each key, from 1.
        body: The rest of the document, with blank lines in place of the front matter, so that
            its lines keep their numbers.
    """

    fields: dict[str, Any]
    lines: dict[str, int]
    body: str


def read_front_matter(text: str, problems: Problems) -> FrontMatter:
    """Split ``text`` and read its head; what is wrong goes to ``problems``."""
    match = _BLOCK.match(text)
    if match is None:
        problems.add(1, "the document does not begin with front matter", "Begin with '---'")
        return FrontMatter(fields={}, lines={}, body=text)
    node = _compose(match["yaml"], problems)
    keys = keys_of(node, 1, "front matter", problems) if node else {}
    for name in _REQUIRED:
        if node and name not in keys:
            problems.add(1, f"front matter lacks '{name}'", f"Add '{name}: …'")
    fields = {}
    for name, key in keys.items():
        if reader := _READERS.get(name):
            value = reader(key, problems)
            if value is not None:
                fields[name] = value
        else:
            problems.add(key.line, f"unknown key '{name}'", nearest(name, _READERS))
    blank = "\n" * match[0].count("\n")
    lines = {name: key.line for name, key in keys.items()}
    return FrontMatter(fields=fields, lines=lines, body=blank + text[match.end() :])


def _compose(source: str, problems: Problems) -> yaml.Node | None:
    """Return the node tree; the ``---`` above is line 1, so positions from 0 are off by two."""
    try:
        node: yaml.Node | None = yaml.compose(source, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 2 if mark else 2
        problems.add(line, f"the front matter is not valid YAML: {error.problem}")
        return None
    except (yaml.YAMLError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        problems.add(2, f"the front matter is not valid YAML: {' '.join(reason.split())}")
        return None
    if not isinstance(node, yaml.MappingNode):
        problems.add(2, "the front matter is not a list of 'key: value'", "Begin with 'id: …'")
        return None
    return node


def _words(known: tuple[str, ...] | None = None) -> Callable[[Key, Problems], Any]:
    """Return a reader of a list of words, each of them known where ``known`` is given."""

    def read(key: Key, problems: Problems) -> tuple[str, ...] | None:
        words = texts_of(key, problems)
        for word in words or ():
            if known and word not in known:
                problems.add(key.line, f"unknown {key.name} '{word}'", nearest(word, known))
                words = None
        return words

    return read


def _methods(key: Key, problems: Problems) -> tuple[Method, ...] | None:
    words = _words(tuple(method.value for method in Method))(key, problems)
    return tuple(Method(word) for word in words) if words else None


def _kebab(key: Key, problems: Problems) -> str | None:
    text = text_of(key, problems)
    if text is not None and not _KEBAB.fullmatch(text):
        problems.add(key.line, f"{key.name} '{text}' is not kebab-case", "Write it like 'my-steps'")
        return None
    return text


def _duration(key: Key, problems: Problems) -> timedelta | None:
    text = text_of(key, problems)
    span = duration(text) if text is not None else None
    if text is not None and span is None:
        problems.add(key.line, f"{key.name} '{text}' is not a duration", "Write it like '1h30m'")
    return span


def _date(key: Key, problems: Problems) -> date | None:
    text = text_of(key, problems)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems.add(key.line, f"{key.name} '{text}' is not a date", "Write it like '2026-11-01'")
        return None


def _inputs(key: Key, problems: Problems) -> dict[str, Input]:
    inputs = keys_of(key.node, key.line, "inputs", problems)
    read = {name: input_of(entry, problems) for name, entry in inputs.items()}
    return {name: value for name, value in read.items() if value is not None}


_READERS: dict[str, Callable[[Key, Problems], Any]] = {
    "id": _kebab,
    "title": text_of,
    "theme": _kebab,
    "summary": text_of,
    "when": _words(),
    "severity": _words(_SEVERITIES),
    "methods": _methods,
    "duration": _duration,
    "roles": _words(),
    "inputs": _inputs,
    "rollback": _kebab,
    "reviewed": _date,
    "review_every": _duration,
}

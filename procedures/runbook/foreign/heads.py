"""What stands above the body of a foreign document: YAML, TOML, JSON, or nothing."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import yaml

from procedures.runbook.foreign.notes import Notes
from procedures.runbook.quantities import duration

_LONGEST = 20_000
_MOST_BRACKETS = 500
_YAML = re.compile(
    r"---[ \t]*\n(?P<text>.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_TOML = re.compile(r"\+\+\+[ \t]*\n(?P<text>.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_KEY_LINE = re.compile(r"\s*[\"']?(?P<key>[\w.-]+)[\"']?\s*[:=](?P<value>.*)")
_FENCE_LINE = re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE)
_SEVERITY = re.compile(r"(?:P|S|SEV|SEVERITY)?[ _-]?(?P<number>[1-4])", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the head of a document says.

    Attributes:
        told: Markdown of what an operator may want to know and no field holds.
        body: The document with blank lines in place of its head.
    """

    body: str
    title: str = ""
    summary: str = ""
    when: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    duration: timedelta | None = None
    told: tuple[str, ...] = ()


def read_head(text: str, notes: Notes) -> Head:
    """Split ``text``, whose lines end in a bare newline; ``notes`` learn what is not understood."""
    text = text.removeprefix("\ufeff")
    found, end = _read(text, notes)
    head = Head(body="\n" * text.count("\n", 0, end) + text[end:])
    lines = _lines_of(text[:end])
    for key, value in found.items():
        taken = _taken(head, key.lower(), _texts(value))
        if taken is None:
            line = lines.get(key, 1)
            notes.add(line, f"the key '{key[:60]}' of the front matter says nothing here")
        head = taken or head
    return head


def _read(text: str, notes: Notes) -> tuple[Mapping[str, object], int]:
    """Return the keys of the head and where it ends; 0 if there is none."""
    start = text[:_LONGEST]
    if start.startswith("---") and (match := _YAML.match(start)):
        return _checked(match, _yaml(match["text"]), "YAML", notes)
    if start.startswith("+++") and (match := _TOML.match(start)):
        return _checked(match, _toml(match["text"]), "TOML", notes)
    if start.startswith("{"):
        return _json(start)
    return {}, 0


def _checked(
    match: re.Match[str], found: object, kind: str, notes: Notes
) -> tuple[Mapping[str, object], int]:
    """Return what was read, if the lines are a head and not a part of the body."""
    if _FENCE_LINE.search(match["text"]):
        return {}, 0
    if isinstance(found, dict) and all(_is_key(key) for key in found):
        return found, match.end()
    lines = [line for line in match["text"].split("\n") if line.strip()]
    if lines and 2 * sum(_KEY_LINE.match(line) is not None for line in lines) > len(lines):
        fix = f"Correct it; it says: {' '.join(lines)[:200]}"
        notes.add(1, f"the front matter is not valid {kind}", fix)
        pairs = [pair for line in lines if (pair := _KEY_LINE.match(line))]
        return {pair["key"]: pair["value"].strip(" \t\"'") for pair in pairs}, match.end()
    return {}, match.end() if not lines else 0


def _is_key(key: object) -> bool:
    return isinstance(key, str) and re.fullmatch(r"[A-Za-z_][\w.-]*", key) is not None


def _yaml(text: str) -> object:
    if text.count("[") + text.count("{") > _MOST_BRACKETS:
        return None
    try:
        return _plain(yaml.compose(text, Loader=yaml.SafeLoader), 0)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _plain(node: yaml.Node | None, depth: int) -> object:
    """Return texts and lists of texts: nothing in a document makes the loader build an object."""
    if isinstance(node, yaml.MappingNode) and depth == 0:
        return {getattr(key, "value", None) if isinstance(key, yaml.ScalarNode) else None:
                _plain(value, 1) for key, value in node.value}  # fmt: skip
    if isinstance(node, yaml.SequenceNode) and depth < 2:
        return [_plain(each, 2) for each in node.value]
    return node.value if isinstance(node, yaml.ScalarNode) else None


def _toml(text: str) -> object:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None


def _json(start: str) -> tuple[Mapping[str, object], int]:
    try:
        found, end = json.JSONDecoder().raw_decode(start)
    except (ValueError, RecursionError):
        return {}, 0
    rest = start[end : end + 2].strip(" \t")
    if not isinstance(found, dict) or not found or (rest and rest[0] != "\n"):
        return {}, 0
    return found, end


def _lines_of(head: str) -> dict[str, int]:
    lines: dict[str, int] = {}
    for number, line in enumerate(head.split("\n"), start=1):
        if match := _KEY_LINE.match(line):
            lines.setdefault(match["key"], number)
    return lines


def _taken(head: Head, key: str, texts: list[str]) -> Head | None:
    """Return ``head`` with what ``key`` says; None if it is not known."""
    first = " ".join(" ".join(texts).split())
    match key:
        case "title":
            return replace(head, title=first)
        case "description" | "summary":
            return replace(head, summary=head.summary or first)
        case "alert" | "alerts" | "alertname" | "alertnames" | "when":
            return replace(head, when=tuple(dict.fromkeys((*head.when, *texts))))
        case "owner" | "owners" | "roles":
            return replace(head, roles=tuple(dict.fromkeys((*head.roles, *texts))))
        case "severity" | "severities":
            return _with_severity(head, texts)
        case "duration" if span := duration(first):
            return replace(head, duration=span)
        case "tags" | "runbook" | "runbook_url":
            name = key.partition("_")[0].capitalize()
            return replace(head, told=(*head.told, f"{name}: {', '.join(texts)}"))
        case _:
            return None


def _with_severity(head: Head, texts: list[str]) -> Head:
    known = [match for text in texts if (match := _SEVERITY.fullmatch(text))]
    levels = tuple(dict.fromkeys(f"P{match['number']}" for match in known))
    told = (f"Severity: {', '.join(texts)}",) if len(known) < len(texts) else ()
    return replace(head, severity=levels, told=(*head.told, *told))


def _texts(value: object) -> list[str]:
    """Return a single value or a list as texts; what is nested has none."""
    values = value if isinstance(value, list) else [value]
    plain = [each for each in values if isinstance(each, str | int | float) and each != ""]
    return [str(each).strip() for each in plain if len(str(each)) < 2_000]

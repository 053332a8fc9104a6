"""Label and field selectors of the Kubernetes API; pure."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from procedures.sandbox.doors.kube_status import bad_request

Object = dict[str, Any]
Selects = Callable[[Object], bool]
_TERM = re.compile(
    r"\s*(?:(?P<absent>!)\s*(?P<no>[\w./-]+)"
    r"|(?P<key>[\w./-]+)\s*(?:(?P<sign>==|=|!=)\s*(?P<value>[\w.-]*)"
    r"|\s(?P<set>in|notin)\s*\((?P<values>[^()]*)\))?)\s*(?:,|$)"
)


def selects(labels: str, fields: str) -> Selects:
    """Return what tells whether an object is chosen by both selectors; empty ones choose all."""
    label_terms, field_terms = _labels(labels), _fields(fields)

    def chosen(each: Object) -> bool:
        own = each["metadata"].get("labels", {})
        return all(holds(own) for holds in label_terms) and all(
            (_at(each, path) == value) != negated for path, value, negated in field_terms
        )

    return chosen


def _labels(text: str) -> list[Callable[[Mapping[str, str]], bool]]:
    found = []
    at = 0
    while at < len(text):
        match = _TERM.match(text, at)
        if match is None or match.end() == at:
            sign = re.search(r"(?:==|!=|=)\s*([^\w\s.,-])", text[at:])
            odd = sign[1] if sign else text[at]
            raise bad_request(f"unable to parse requirement: found '{odd}', expected: identifier")
        found.append(_requirement(match))
        at = match.end()
    return found


def _requirement(match: re.Match[str]) -> Callable[[Mapping[str, str]], bool]:
    if match["absent"]:
        return lambda own: match["no"] not in own
    key = match["key"]
    if match["sign"]:
        value, negated = match["value"], match["sign"] == "!="
        return lambda own: (own.get(key) == value) != negated
    if match["set"]:
        values = {each.strip() for each in match["values"].split(",")}
        negated = match["set"] == "notin"
        return lambda own: (own.get(key) in values) != negated
    return lambda own: key in own


def _fields(text: str) -> list[tuple[str, str, bool]]:
    found = []
    for term in filter(None, text.split(",")):
        match = re.fullmatch(r"([\w.]+)(==|=|!=)(.*)", term)
        if match is None:
            raise bad_request(f"invalid selector: '{term}'; can't understand '{term}'")
        found.append((match[1], match[3], match[2] == "!="))
    return found


def _at(each: Object, path: str) -> str:
    value: Any = each
    for word in path.split("."):
        value = value.get(word) if isinstance(value, dict) else None
    return "" if value is None else str(value)

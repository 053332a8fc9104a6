"""One line of a ``check`` fence becomes an assertion.

The grammar is a table: a form to teach, a pattern, and what it builds. A line that fits no form is
refused with the form that it resembles most.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from procedures.runbook.assertions import (
    AlertFiring,
    Assertion,
    BackupFresh,
    Comparison,
    DiskFree,
    FileExists,
    HealthComponent,
    HealthStatus,
    HttpStatus,
    IndicatorState,
    IndicatorValue,
    LogsFree,
    MemoryFree,
    MetricIncreasing,
    PortListening,
    ServiceReady,
)
from procedures.runbook.quantities import DURATION, SIZE, seconds, size_bytes


class AssertionSyntaxError(ValueError):
    """A line is not in the check vocabulary; ``fix`` shows the form that it resembles."""

    def __init__(self, what: str, *, fix: str) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix


_Parts = dict[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """One form of the vocabulary: ``fields`` turns the pattern's groups into the value's fields."""

    example: str
    pattern: re.Pattern[str]
    build: Callable[..., Assertion]
    fields: Callable[[_Parts], dict[str, Any]]


def _form(
    example: str,
    pattern: str,
    build: Callable[..., Assertion],
    fields: Callable[[_Parts], dict[str, Any]] = lambda parts: dict(parts),
) -> _Form:
    return _Form(
        example=example,
        pattern=re.compile(pattern.replace(" ", r"\s+"), re.ASCII),
        build=build,
        fields=fields,
    )


def _within_ms(parts: _Parts) -> float | None:
    within = seconds(parts["within"] or "")
    return None if within is None else round(within * 1000, 6)


_NAME = r"[A-Za-z_][\w.-]*"
_WORKLOAD = r"[A-Za-z0-9][\w.@:\\-]*"
_HEALTH = r"(?P<word>healthy|degraded|unhealthy)"
_WITHIN = rf"(?: within (?P<within>{DURATION}))?"
_STATE = r"(?P<word>ok|warning|critical|unknown)"
_PATH = r"(?P<path>[/$]\S*)"

_FORMS = (
    _form("health status is healthy", rf"health status is {_HEALTH}", HealthStatus),
    _form(
        "health component cache is healthy within 5ms",
        rf"health component (?P<component>{_NAME}) is {_HEALTH}{_WITHIN}",
        HealthComponent,
        lambda p: {"component": p["component"], "word": p["word"], "within_ms": _within_ms(p)},
    ),
    _form(
        "http GET $API/health is 200 within 100ms",
        r"http (?P<verb>GET|HEAD) (?P<url>(?:https?://|\$)\S+)"
        rf" is (?P<statuses>[1-5]\d\d(?: or [1-5]\d\d)*){_WITHIN}",
        HttpStatus,
        lambda p: {
            "verb": p["verb"],
            "url": p["url"],
            "statuses": tuple(int(status) for status in re.findall(r"\d+", p["statuses"] or "")),
            "within_ms": _within_ms(p),
        },
    ),
    _form(
        "indicator p95-latency is ok",
        rf"indicator (?P<indicator>{_NAME}) is {_STATE}",
        IndicatorState,
    ),
    _form(
        "indicator error-rate < 1% for 5m",
        rf"indicator (?P<indicator>{_NAME})\s*(?P<comparison><=|>=|<|>)\s*(?P<bound>\d+(?:\.\d+)?)"
        rf"(?P<unit>%|ms)?(?: for (?P<span>{DURATION}))?",
        IndicatorValue,
        lambda p: {
            "indicator": p["indicator"],
            "comparison": Comparison(p["comparison"]),
            "bound": float(p["bound"] or 0),
            "unit": p["unit"] or "",
            "for_s": seconds(p["span"] or "") or 0.0,
        },
    ),
    _form(
        "alert ServiceDown is not firing",
        rf"alert (?P<alert>{_NAME}) is(?P<quiet> not)? firing",
        AlertFiring,
        lambda p: {"alert": p["alert"], "firing": p["quiet"] is None},
    ),
    _form(
        "metric config_operations_total is increasing",
        r"metric (?P<metric>[A-Za-z_:][\w:]*) is increasing",
        MetricIncreasing,
    ),
    _form(
        "service has at least 3 ready",
        r"service has(?P<least> at least)? (?P<count>\d{1,4}) ready",
        ServiceReady,
        lambda p: {"count": int(p["count"] or 0), "at_least": p["least"] is not None},
    ),
    _form(
        "workload redis has at least 1 ready",
        rf"workload (?P<workload>{_WORKLOAD}) has(?P<least> at least)? (?P<count>\d{{1,4}}) ready",
        ServiceReady,
        lambda p: {
            "workload": p["workload"],
            "count": int(p["count"] or 0),
            "at_least": p["least"] is not None,
        },
    ),
    _form(
        "logs have no ERROR in 5m",
        rf"logs have no (?P<word>\S+) in (?P<window>{DURATION})",
        LogsFree,
        lambda p: {"word": p["word"], "window_s": seconds(p["window"] or "")},
    ),
    _form(
        "backup is younger than 25h and verified",
        rf"backup is younger than (?P<age>{DURATION})(?P<verified> and verified)?",
        BackupFresh,
        lambda p: {"max_age_s": seconds(p["age"] or ""), "verified": p["verified"] is not None},
    ),
    _form(
        "disk $DATA_DIR has 10GiB free",
        rf"disk {_PATH} has (?P<size>{SIZE}) free",
        DiskFree,
        lambda p: {"path": p["path"], "free_bytes": size_bytes(p["size"] or "")},
    ),
    _form(
        "memory has 2GiB free",
        rf"memory has (?P<size>{SIZE}) free",
        MemoryFree,
        lambda p: {"free_bytes": size_bytes(p["size"] or "")},
    ),
    _form(
        "port 8080 is listening",
        r"port (?P<port>\d{1,5}|\$[A-Za-z_]\w*) is listening",
        PortListening,
    ),
    _form("file /etc/llm-config/config.yaml exists", rf"file {_PATH} exists", FileExists),
)

EXAMPLES = tuple(form.example for form in _FORMS)
"""One line for every form of the vocabulary."""


def parse_assertion(text: str, line: int) -> Assertion:
    """Return the assertion that ``text`` makes; raises AssertionSyntaxError if it makes none.

    Args:
        text: One line of a ``check`` fence, without comment.
        line: Where it stands in its document, from 1.
    """
    text = text.strip()
    for form in _FORMS:
        if match := form.pattern.fullmatch(text):
            fields = form.fields(match.groupdict())
            if any(fields.get(name, 0) is None for name in _MEASURED):
                raise AssertionSyntaxError(f"'{text}' spans over a century", fix="Shorten it")
            return form.build(text=text, line=line, **fields)
    shown = text if len(text) <= 100 else f"{text[:100]}…"
    raise AssertionSyntaxError(
        f"'{shown}' is not a check", fix=f"Write it like '{_resembled(text)}'"
    )


_MEASURED = ("window_s", "max_age_s", "free_bytes")


def _resembled(text: str) -> str:
    """Return the example nearest to ``text``; the first word counts most."""
    words = text.split()[:12]

    def likeness(example: str) -> float:
        theirs = example.split()
        first = SequenceMatcher(None, words[0], theirs[0]).ratio() if words else 0.0
        return 2 * first + SequenceMatcher(None, words, theirs).ratio()

    return max(EXAMPLES, key=likeness)

"""The health endpoint's answer, in either shape that the service gives it."""

import json
from datetime import datetime
from typing import Any

from procedures.errors import SourceError
from procedures.reference.states import State, worst
from procedures.signals.http import Answer
from procedures.signals.refusals import html_instead, is_html, not_understood, refusal
from procedures.signals.values import Component, Health

STATES = {"healthy": State.OK, "degraded": State.WARNING, "unhealthy": State.CRITICAL}
"""The service's words; any other word is UNKNOWN."""

NO_ANSWER = "no answer"

_WORDS = {
    State.OK: "healthy",
    State.UNKNOWN: "not understood",
    State.WARNING: "degraded",
    State.CRITICAL: "unhealthy",
}
"""What is shown of a report that contradicts itself, or says what we do not know."""


def read_health(answer: Answer, at: datetime) -> Health:
    """Read a report; whatever is not one becomes a state with its reason, never OK.

    A report may come with 503, which is how an unhealthy service answers. One that contradicts
    itself is believed where it is worst.
    """
    try:
        report = _report(answer)
    except SourceError as error:
        state = State.CRITICAL if answer.status == 503 else State.UNKNOWN
        fault = f"{error.what}. {error.fix}" if error.fix else error.what
        return Health(state=state, word=NO_ANSWER, http_status=answer.status, at=at, fault=fault)
    word = str(report.get("status", ""))
    components = _components(report.get("checks"))
    own = STATES.get(word.lower(), State.UNKNOWN)
    refused = [State.CRITICAL] if answer.status == 503 else []
    state = worst([own, *refused, *(component.state for component in components)])
    uptime = report.get("uptime_seconds", report.get("uptime"))
    return Health(
        state=state,
        word=word if own is state is not State.UNKNOWN else _WORDS[state],
        components=components,
        reports_components="checks" in report,
        version=str(report.get("version", "")),
        uptime_s=_number(uptime),
        http_status=answer.status,
        at=at,
        fault=_contradiction(word, own, state, answer.status),
    )


def _contradiction(word: str, own: State, state: State, status: int) -> str:
    if own is State.UNKNOWN:
        return f"{word!r} is no known status"
    if own is state:
        return ""
    return f"it calls itself {word}, " + (
        "but answers 503" if status == 503 else "but not all of its components"
    )


def _report(answer: Answer) -> dict[str, Any]:
    if answer.status != 503 and (error := refusal(answer.address, answer.status, answer.headers)):
        raise error
    if is_html(answer.headers, answer.body):
        raise html_instead(answer.address)
    try:
        report = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise not_understood(answer.address, "a health report") from error
    if not isinstance(report, dict) or not isinstance(report.get("status"), str):
        raise not_understood(answer.address, "a health report")
    return report


def _components(checks: Any) -> tuple[Component, ...]:  # noqa: ANN401 - JSON of the service
    if not isinstance(checks, dict):
        return ()
    return tuple(
        _component(str(name), check) for name, check in checks.items() if isinstance(check, dict)
    )


def _component(name: str, check: dict[str, Any]) -> Component:
    word = str(check.get("status", ""))
    return Component(
        name=name,
        state=STATES.get(word.lower(), State.UNKNOWN),
        word=word or "not reported",
        message=str(check.get("message") or ""),
        duration_ms=_number(check.get("duration_ms")),
    )


def _number(value: Any) -> float | None:  # noqa: ANN401 - JSON of the service
    return float(value) if isinstance(value, int | float) else None

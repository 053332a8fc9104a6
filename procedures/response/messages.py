"""Message templates filled from what the console knows; the rest stays for the operator."""

import re
from collections.abc import Mapping
from datetime import datetime

from procedures.reference.severities import load_severities
from procedures.response.incidents import Incident

_FIELD = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def fields_of(
    *, environment: str, operator: str, now: datetime, incident: Incident | None
) -> Mapping[str, str]:
    """Return the values of the fields that are known: of place and time, and of the incident."""
    known = {"environment": environment, "operator": operator, "now": _moment(now)}
    if incident is None:
        return known
    return known | {
        "incident": incident.id,
        "severity": incident.severity.name,
        "title": incident.title,
        "started": _moment(incident.declared_at),
        "commander": incident.declared_by,
        "update_every": _every(incident.severity.name),
    }


def filled(template: str, fields: Mapping[str, str]) -> str:
    """Return a message with its known fields filled in; an unknown one stays as it is written."""
    return _FIELD.sub(lambda field: fields.get(field[1], field[0]), template)


def open_fields(message: str) -> tuple[str, ...]:
    """Return the names of the fields that are still to be filled in, in their order."""
    return tuple(dict.fromkeys(_FIELD.findall(message)))


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _every(severity: str) -> str:
    for policy in load_severities():
        if policy.id == severity and policy.stakeholders_every_m:
            minutes = policy.stakeholders_every_m
            return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
    return "as needed"

"""Is it the service, or what watches it, that answers at an address? Pure."""

import json

from procedures.targets.detection.values import Door

QUESTIONS = {
    Door.HEALTH: "",
    Door.API: "/health",
    Door.METRICS: "/metrics",
    Door.PROMETHEUS: "/api/v1/query?query=1",
    Door.ALERTMANAGER: "/api/v2/status",
}
"""Path to ask for below the address; none of them changes anything."""

_HEALTHY, _UNHEALTHY = 200, 503
_WORDS = frozenset({"healthy", "degraded", "unhealthy"})
_OWN_METRICS = ("config_operations_total", "config_operation_duration_seconds", "config_active_")


def is_meant(door: Door, status: int, body: bytes, *, is_published: bool) -> bool:
    """Tell whether the right one answered.

    Args:
        door: What should answer.
        status: Of HTTP.
        body: The beginning of the answer is enough.
        is_published: Whether the service's own project publishes the address, so that whatever
            answers there is meant.
    """
    if door in (Door.HEALTH, Door.API):
        if status not in ((_HEALTHY, _UNHEALTHY) if door is Door.HEALTH else (_HEALTHY,)):
            return False
        return is_published or str(_field(body, "status")).lower() in _WORDS
    if status != _HEALTHY:
        return False
    match door:
        case Door.METRICS:
            text = body.decode("utf-8", "replace")
            return is_published or any(line.startswith(_OWN_METRICS) for line in text.splitlines())
        case Door.PROMETHEUS:
            return _field(body, "status") == "success"
        case _:
            return isinstance(_field(body, "versionInfo"), dict)


def _field(body: bytes, name: str) -> object:
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found.get(name) if isinstance(found, dict) else None

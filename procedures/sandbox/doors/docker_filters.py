"""The ``filters`` of the Docker engine's API; pure."""

import json
from collections.abc import Mapping

from procedures.sandbox.shims.containers import Container

Filters = Mapping[str, tuple[str, ...]]


class FilterError(ValueError):
    """Filters that the engine would refuse; the text is what it says."""


def parsed(text: str) -> Filters:
    """Return filters from their JSON, in the present or in the older form."""
    if not text:
        return {}
    try:
        value = json.loads(text)
        return {str(name): tuple(map(str, wanted)) for name, wanted in value.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise FilterError(f"invalid filter: {error}") from error


def labels_match(filters: Filters, labels: Mapping[str, str]) -> bool:
    """Tell whether all wanted labels, ``name`` or ``name=value``, are there."""
    for wanted in filters.get("label", ()):
        name, equals, value = wanted.partition("=")
        if name not in labels or (equals and labels[name] != value):
            return False
    return True


_KNOWN = frozenset({"label", "name", "id", "status", "health", "ancestor", "exited"})


def container_matches(filters: Filters, container: Container, labels: Mapping[str, str]) -> bool:
    """Tell whether ``/containers/json`` lists a container."""
    unknown = set(filters) - _KNOWN
    if unknown:
        raise FilterError(f"invalid filter '{sorted(unknown)[0]}'")
    health = container.health or "none"
    state = container.state
    exited = {"exited": str(container.exit_code)} if state == "exited" else {"exited": ""}
    exact = {"status": state, "health": health, "ancestor": container.image, **exited}
    return (
        labels_match(filters, labels)
        and all(exact[name] in filters[name] for name in exact if name in filters)
        and _any(filters, "name", lambda wanted: wanted.strip("^$/") in container.name)
        and _any(filters, "id", container.id.startswith)
    )


def _any(filters: Filters, name: str, holds: object) -> bool:
    assert callable(holds)  # noqa: S101 - ours
    return name not in filters or any(holds(each) for each in filters[name])


def event_matches(filters: Filters, event: Mapping[str, object]) -> bool:
    """Tell whether ``/events`` tells of an event of a container."""
    actor = event["Actor"]
    assert isinstance(actor, Mapping)  # noqa: S101 - ours
    attributes = actor["Attributes"]
    action = str(event["Action"])
    named = (attributes["name"], actor["ID"], str(actor["ID"])[:12])
    chosen = {
        "type": ("container",),
        "scope": ("local",),
        "container": named,
        "image": (attributes["image"], str(attributes["image"]).partition(":")[0]),
        "event": (action, action.partition(":")[0]),
    }
    return labels_match(filters, attributes) and all(
        set(filters[name]) & set(values) for name, values in chosen.items() if name in filters
    )

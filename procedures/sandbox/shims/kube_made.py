"""How an object of the cluster looks before it says anything of its own."""

from datetime import UTC, datetime
from typing import Any

from procedures.sandbox.shims.kube_names import APP, NAMESPACE
from procedures.sandbox.shims.observed import Observed

Object = dict[str, Any]


def made(kind: str, name: str, seen: Observed, **parts: Any) -> Object:  # noqa: ANN401 - JSON
    """Return an object of a kind with what every object has."""
    metadata = {
        "name": name,
        "namespace": NAMESPACE,
        "labels": {"app": APP},
        "annotations": {},
        "creationTimestamp": time_text(seen.revisions[0][1]),
    }
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **parts}


def time_text(at: float) -> str:
    """Return a Unix time as the API server writes it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

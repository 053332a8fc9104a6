"""Counters that outlive the sandbox process, so that a restart continues them."""

import json
from pathlib import Path
from typing import Any

from procedures.sandbox.service import Service
from procedures.sandbox.state_dir import write_whole


def dump(service: Service) -> str:
    """Return the replicas' counters as JSON text."""
    return json.dumps({replica.name: replica.store.dump() for replica in service.fleet.replicas})


def save(path: Path, text: str) -> None:
    """Replace the checkpoint on disk."""
    write_whole(path, text)


def load(path: Path, service: Service) -> None:
    """Let a new service continue the counters; begins at zero if there is no usable checkpoint."""
    try:
        counters: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError):
        return
    for replica in service.fleet.replicas:
        replica.store.load(counters.get(replica.name, {}))

"""The state of all processes as JSON values, for those who look in through the control address."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from procedures.sandbox import faults
from procedures.sandbox.lifecycle import Lifecycle
from procedures.sandbox.replica import Replica
from procedures.sandbox.service import Service


def of(service: Service, instances: Sequence[str]) -> dict[str, Any]:
    """Return replicas, dependencies, revisions and active faults; times are Unix times."""
    fleet = service.fleet
    return {
        "change": service.changes,
        "now": service.now,
        "wanted": fleet.wanted,
        "rolling": fleet.rolling,
        "revisions": [asdict(revision) for revision in fleet.revisions],
        "replicas": [
            _replica(replica, instance)
            for replica, instance in zip(fleet.replicas, instances, strict=True)
        ],
        "dependencies": [
            {"name": name, **_process(process)} for name, process in service.dependencies.items()
        ],
        "faults": faults.active(service),
    }


def events(service: Service) -> list[dict[str, Any]]:
    """Return the last events, oldest first."""
    return [asdict(happening) for happening in service.journal.happenings]


def _replica(replica: Replica, instance: str) -> dict[str, Any]:
    return {
        "name": replica.name,
        **_process(replica.process),
        "ordinal": replica.ordinal,
        "revision": replica.revision,
        "instance": instance,
        "cpu_cores": replica.cpu_cores,
        "cpu_s": replica.store.value("process_cpu_seconds_total"),
        "memory_bytes": replica.memory_bytes,
    }


def _process(process: Lifecycle) -> dict[str, Any]:
    return {
        "phase": process.phase.value,
        "generation": process.generation,
        "started_at": process.started_at,
        "ended_at": process.ended_at,
        "since": process.since,
    }

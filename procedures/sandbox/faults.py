"""The faults that can be injected; each *is* the condition that it causes, nothing is pretended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from procedures.sandbox.lifecycle import Phase
from procedures.sandbox.service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that can go wrong.

    Attributes:
        about: What an operator sees, and what cures it.
        inject: Causes it.
        cure: Ends it the way its procedure does.
        active: Whether it holds at present.
    """

    name: str
    about: str
    inject: Callable[[Service], None]
    cure: Callable[[Service], None]
    active: Callable[[Service], bool]


def _crash_replica(service: Service) -> None:
    ready = service.fleet.ready
    if ready:
        ready[len(ready) // 2].process.crash(service.now)


def _restart_crashed(service: Service) -> None:
    for replica in service.fleet.crashed():
        replica.process.start(service.now)


def _hang_cache(service: Service) -> None:
    if service.cache.process.running:
        service.cache.process.hang(service.now)


def _restart_cache(service: Service) -> None:
    service.cache.process.restart(service.now)


def _stick_pools(service: Service) -> None:
    for replica in service.fleet.ready:
        replica.pool_stuck = True
        service.journal.log(
            service.now,
            replica.name,
            "ERROR",
            "llm_config_server::storage",
            "database connections of the pool hang, new ones are not made",
        )


def _free_pools(service: Service) -> None:
    for replica in service.fleet.replicas:
        replica.pool_stuck = False


_ALL = (
    Fault(
        name="replica-crash",
        about="One API replica dies and stays down; a rolling restart brings it back.",
        inject=_crash_replica,
        cure=_restart_crashed,
        active=lambda service: bool(service.fleet.crashed()),
    ),
    Fault(
        name="cache-down",
        about="Redis runs but answers nothing: no hits, slower requests; restarting it helps.",
        inject=_hang_cache,
        cure=_restart_cache,
        active=lambda service: service.cache.process.phase is Phase.HUNG,
    ),
    Fault(
        name="latency",
        about="The replicas' database connections hang, P95 soars; a rolling restart frees them.",
        inject=_stick_pools,
        cure=_free_pools,
        active=lambda service: any(replica.pool_stuck for replica in service.fleet.replicas),
    ),
)
FAULTS: Mapping[str, Fault] = MappingProxyType({fault.name: fault for fault in _ALL})


def inject(service: Service, name: str) -> None:
    """Cause the fault ``name``, which must be one of :data:`FAULTS`."""
    FAULTS[name].inject(service)
    service.changes += 1
    service.settle()


def cure(service: Service, name: str) -> None:
    """End the fault ``name``, which must be one of :data:`FAULTS`."""
    FAULTS[name].cure(service)
    service.changes += 1
    service.settle()


def active(service: Service) -> list[str]:
    """Return the names of the faults that hold at present."""
    return [fault.name for fault in _ALL if fault.active(service)]

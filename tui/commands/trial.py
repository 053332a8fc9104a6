"""Trying what the settings name: does each address answer, does each directory exist?"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from procedures.clock import SystemClock
from procedures.environment import Endpoint, Environment
from procedures.errors import ProcedureError, SourceError
from procedures.signals.http import Site

if TYPE_CHECKING:
    from procedures.ledger.address import LedgerAddress
    from procedures.targets.target import Target
    from procedures.targets.values import Holdings

TRIAL_TIMEOUT_S = 5.0

HEALTH_STATUSES = (200, 503)
"""An unhealthy service still answers; 503 is what it answers then."""

_NOT_FOUND = "not-found"
"""What systemd says of a unit that there is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How one thing that the settings name did.

    Attributes:
        environment: Its name; ``ledger`` for the shared ledger, which belongs to all.
        key: Where it stands in the settings: ``prometheus``, ``targets.stack``.
        tried: The whole address or path, or which deployment it is.
        said: What came of it, in a few words.
    """

    environment: str
    key: str
    tried: str
    passed: bool
    said: str
    fix: str = ""


def trials_of(environments: Sequence[Environment]) -> list[Trial]:
    """Try everything that ``environments`` name, all addresses and targets at once."""
    return asyncio.run(_try_all(environments))


def trial_of_ledger(address: "LedgerAddress") -> Trial:
    """Enter the database of the shared ledger; nothing is created there."""
    from procedures.ledger.postgres.look import look

    said, fix, passed = "", "", True
    try:
        said = look(address)
    except ProcedureError as error:
        said, fix, passed = error.what, error.fix, False
    return Trial(
        environment="ledger", key="url", tried=address.place, passed=passed, said=said, fix=fix
    )


async def _try_all(environments: Sequence[Environment]) -> list[Trial]:
    addresses = [
        _try_address(environment.name, *each)
        for environment in environments
        for each in _addresses(environment)
    ]
    directories = [
        _try_directory(environment.name, key, path)
        for environment in environments
        for key, path in (
            ("backup_dir", environment.backup_dir),
            ("data_dir", environment.data_dir),
        )
        if path
    ]
    buckets = [_try_bucket(each) for each in environments if each.backups.s3]
    targets = [_try_target(*each) for each in _targets(environments)]
    tried = await asyncio.gather(*addresses, *targets)
    answered, looked = tried[: len(addresses)], tried[len(addresses) :]
    return [*answered, *directories, *await asyncio.gather(*buckets), *looked]


def _targets(environments: Sequence[Environment]) -> Iterator[tuple[str, "Target"]]:
    """Yield the targets that the settings name; one that is only supposed is not tried."""
    named = [each for each in environments if each.targets]
    if not named:
        return
    # Loads the clients of the methods.
    from procedures.targets.build import targets_for

    clock = SystemClock()
    for environment in named:
        for target in targets_for(environment, clock):
            yield environment.name, target


async def _try_target(environment: str, target: "Target") -> Trial:
    said, fix, passed = "", "", True
    try:
        said, passed = _told(await target.look(), target.place.service)
        fix = "" if passed else "Correct `service` of the target, or start it"
    except SourceError as error:
        said, fix, passed = error.what, error.fix, False
    finally:
        await target.aclose()
    return Trial(
        environment=environment,
        key=f"targets.{target.place.name}",
        tried=target.place.where,
        passed=passed,
        said=said,
        fix=fix,
    )


def _told(holdings: "Holdings", service: str) -> tuple[str, bool]:
    """Return what a target shows, and whether the service is among it; it need not be well."""
    workload = holdings.workload(service)
    absent = [each for each in holdings.missing if each.part == service]
    words = {each.word for each in workload.units} if workload else {_NOT_FOUND}
    if absent or workload is None or words == {_NOT_FOUND}:
        return f"{service}: {absent[0].fault if absent else _NOT_FOUND}", False
    ready = f"{workload.ready} of {len(workload.units)} ready"
    others = len(holdings.workloads) - 1
    beside = f", {others} beside it" if others else ""
    unknown = "".join(f"; {each.part}: {each.fault}" for each in holdings.missing)
    return f"shows {service}, {ready}{beside}{unknown}", True


def _addresses(environment: Environment) -> Iterator[tuple[str, Endpoint, str]]:
    """Yield key, endpoint and a path below it that answers quickly and changes nothing."""
    if environment.prometheus:
        # Every server that speaks the query language answers this; status pages differ.
        yield "prometheus", environment.prometheus, "/api/v1/query?query=1"
    if environment.alertmanager:
        yield "alertmanager", environment.alertmanager, "/api/v2/status"
    for endpoint in environment.metrics:
        yield "metrics", endpoint, "/metrics"
    if environment.health:
        yield "health", environment.health, ""
    if environment.api:
        yield "api", environment.api, "/health"


async def _try_address(environment: str, key: str, endpoint: Endpoint, path: str) -> Trial:
    site = Site(endpoint, timeout_s=TRIAL_TIMEOUT_S)
    said, fix, passed = "answers", "", True
    try:
        answer = await site.get(path)
        if path or answer.status not in HEALTH_STATUSES:
            answer.text()
        said = f"answers {answer.status}"
    except ProcedureError as error:
        said, fix, passed = error.what, error.fix, False
    finally:
        await site.aclose()
    return Trial(
        environment=environment,
        key=key,
        tried=f"{endpoint.url}{path}",
        passed=passed,
        said=said,
        fix=fix,
    )


async def _try_bucket(environment: Environment) -> Trial:
    """List the backups of a bucket through the aws command line."""
    from procedures.backups.depot import Depot

    said, fix, passed = "", "", True
    try:
        stock = await Depot(replace(environment, backup_dir=None), SystemClock()).stock()
        said = f"lists {len(stock.backups)} backups"
    except ProcedureError as error:
        said, fix, passed = error.what, error.fix, False
    return Trial(
        environment=environment.name,
        key="backups.s3",
        tried=environment.backups.s3,
        passed=passed,
        said=said,
        fix=fix,
    )


def _try_directory(environment: str, key: str, path: Path) -> Trial:
    exists = path.is_dir()
    return Trial(
        environment=environment,
        key=key,
        tried=str(path),
        passed=exists,
        said="is a directory" if exists else "is no directory that this user can see",
        fix="" if exists else f"Correct {key}, or remove it",
    )

"""All backups of an environment, wherever they lie, and what is known of each."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from procedures.backups import s3
from procedures.backups.access import Access
from procedures.backups.directory import backups_below
from procedures.backups.judgement import Judged, Verifications, judge
from procedures.backups.memory import Memory
from procedures.backups.plan import plan_of
from procedures.backups.s3_command import listed
from procedures.backups.streams import Effort
from procedures.backups.values import Backup, Verification
from procedures.backups.verification import verification_of
from procedures.clock import Clock
from procedures.environment import Environment
from procedures.errors import SourceError

S3_TIMEOUT_S = 60.0
LONGEST_GOODBYE_S = 5.0
"""How long a verification that was given up may take to notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """The backups that were found.

    Attributes:
        backups: The newest first.
        known: What is known of those that were verified.
        faults: What is wrong with places that could not be looked into.
    """

    backups: tuple[Backup, ...]
    known: Verifications
    faults: tuple[str, ...] = ()


class Depot:
    """Finds an environment's backups and verifies them.

    Args:
        environment: Whose backups.
        clock: Tells when something was verified.
        variables: Environment of ``aws`` and ``pg_restore``; that of the console by default.
    """

    def __init__(
        self, environment: Environment, clock: Clock, *, variables: Mapping[str, str] | None = None
    ) -> None:
        self._environment = environment
        self._clock = clock
        self._plan = plan_of(environment)
        self._memory = Memory(environment.backups.memory)
        self._variables = s3.variables_for_aws(os.environ if variables is None else variables)

    async def stock(self) -> Stock:
        """Look into every place; raises SourceError if none can be looked into."""
        looks: list[Callable[[], Awaitable[list[Backup]]]] = []
        if self._environment.backup_dir is not None:
            looks.append(self._in_directory)
        if self._environment.backups.s3:
            looks.append(self._in_bucket)
        found: list[Backup] = []
        faults: list[SourceError] = []
        for look in await asyncio.gather(*map(_told, (look() for look in looks))):
            if isinstance(look, SourceError):
                faults.append(look)
            else:
                found += look
        if faults and len(faults) == len(looks):
            raise faults[0]
        known = await asyncio.to_thread(self._memory.recall)
        found.sort(key=lambda each: (each.made_at, each.path), reverse=True)
        return Stock(
            backups=tuple(found), known=known, faults=tuple(_sentence(fault) for fault in faults)
        )

    def judged(self, stock: Stock) -> Judged:
        """Return how the backups stand now."""
        return judge(stock.backups, stock.known, self._plan, self._clock.now())

    async def verify(self, backup: Backup, effort: Effort | None = None) -> Verification:
        """Read a backup through, and remember what came of it.

        When the caller is cancelled, the reading ends too, and nothing is remembered.

        Args:
            backup: Which.
            effort: Is told how far the reading is.

        Raises:
            SourceError: The backup cannot be had.
        """
        effort = effort or Effort()
        reading = asyncio.ensure_future(asyncio.to_thread(self._verified, backup, effort))
        try:
            verification = await asyncio.shield(reading)
        except asyncio.CancelledError:
            effort.give_up()
            await asyncio.wait({reading}, timeout=LONGEST_GOODBYE_S)
            if reading.done():
                reading.exception()
            raise
        await asyncio.to_thread(self._memory.remember, backup.key, verification)
        return verification

    def _verified(self, backup: Backup, effort: Effort) -> Verification:
        least = self._plan.minimum_bytes
        if backup.schedule is not None:
            least = max(least, self._plan.schedules[backup.schedule].minimum_bytes)
        access = Access(
            directory=self._environment.backup_dir,
            settings=self._environment.backups,
            variables=self._variables,
        )
        return verification_of(backup, access, effort, least_bytes=least, at=self._clock.now())

    async def _in_directory(self) -> list[Backup]:
        directory = self._environment.backup_dir
        if directory is None:
            return []
        try:
            return await asyncio.to_thread(partial(backups_below, directory))
        except OSError as error:
            raise SourceError(
                f"cannot read the backups in {directory}: {error.strerror}",
                fix="Check that the directory is mounted and readable, or correct backup_dir",
            ) from error

    async def _in_bucket(self) -> list[Backup]:
        settings = self._environment.backups
        answer = await listed(settings, self._variables, timeout_s=S3_TIMEOUT_S)
        return await asyncio.to_thread(s3.objects_in, answer, settings)


async def _told(look: Awaitable[list[Backup]]) -> list[Backup] | SourceError:
    try:
        return await look
    except SourceError as error:
        return error


def _sentence(error: SourceError) -> str:
    return f"{error.what}. {error.fix}" if error.fix else error.what

"""The systemd adapter: units of this machine as a target."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta

from procedures.clock import Clock
from procedures.environment import Method, TargetAddress
from procedures.errors import SourceError
from procedures.targets.actions import Action, Refusal, Verb
from procedures.targets.changes import Change
from procedures.targets.log_lines import LogLine
from procedures.targets.systemd import questions
from procedures.targets.systemd.accounting import Accounting
from procedures.targets.systemd.actions import action_for
from procedures.targets.systemd.doings import Doings
from procedures.targets.systemd.logs import UnitLog
from procedures.targets.systemd.machine import run_here
from procedures.targets.systemd.manager import Manager
from procedures.targets.systemd.names import full_name, is_name, shown_name, wanted_by
from procedures.targets.systemd.properties import Properties, number
from procedures.targets.systemd.units import Circumstances, is_timer, workload_of
from procedures.targets.target import Answer, LogQuery
from procedures.targets.values import Holdings, Missing, Place, Unit, Use, Workload

_TWO_LOOKS_S = 0.5
"""Between two looks at a counter of processor time, where there was no earlier one."""


class SystemdTarget:
    """Units and timers of the machine that the console runs on.

    Sources: ``systemctl``, ``journalctl``.
    """

    def __init__(
        self, address: TargetAddress, *, variables: Mapping[str, str], clock: Clock
    ) -> None:
        self._wanted = wanted_by(address)
        self._variables = variables
        self._asking = questions.variables_for(variables)
        self._clock = clock
        service = shown_name(full_name(address.service))
        self._place = Place(
            name=address.name,
            method=Method.SYSTEMD,
            where=f"machine {os.uname().nodename} · unit {service}",
            service=service,
        )
        self._manager = Manager(self._asking)
        self._doings = Doings(address.name, self._asking)
        self._accounting = Accounting()
        self._ids: frozenset[str] = frozenset()
        self._started_by: dict[str, str] = {}

    @property
    def place(self) -> Place:
        """Which deployment it is."""
        return self._place

    async def look(self) -> Holdings:
        """Return the service, the units beside it, and what timers start."""
        found = await self._found()
        now = self._clock.now()
        booted_at = now - timedelta(seconds=time.monotonic())
        by_id = {each["Id"]: each for each in found}
        workloads = [
            self._workload(each, by_id, booted_at, is_service=at == 0)
            for at, each in enumerate(found)
        ]
        return Holdings(
            at=now,
            workloads=(workloads[0], *sorted(workloads[1:], key=lambda each: each.name)),
            missing=tuple(
                Missing(part=f"unit {each!r}", fault="no unit of systemd can be called so")
                for each in self._wanted.refused
            ),
        )

    async def log(self, unit: Unit, query: LogQuery) -> AsyncGenerator[Sequence[LogLine], None]:
        """Yield what a unit wrote and what systemd said of it; a timer has the log of its unit."""
        units = [unit.id]
        if unit.id in self._started_by:
            units.append(self._started_by[unit.id])
        log = UnitLog(units, unit.name, self._asking)
        if query.previous:
            shown = await self._manager.show([unit.id])
            life = await log.life_before(shown[0].get("InvocationID", "") if shown else "")
            batches = log.read_life(life, query) if life else None
        else:
            batches = log.read(query, now_us=self._now_us())
        if batches is None:
            return
        async with aclosing(batches):
            async for batch in batches:
                yield batch

    async def changes(self, since: datetime) -> Sequence[Change]:
        """Return what systemd did with the units since then, as far as the journal goes back."""
        return await self._doings.since(since, await self._known_ids())

    async def news(self) -> AsyncGenerator[Change, None]:
        """Yield what systemd does with the units from now on."""
        begun = self._now_us()
        await self._known_ids()
        async with aclosing(self._doings.news(lambda: self._ids, now_us=begun)) as news:
            async for change in news:
                yield change

    def action(
        self, verb: Verb, workload: Workload, *, replicas: int | None = None
    ) -> Action | Refusal:
        """Return the systemctl command line, or why there is none."""
        del replicas  # there is one of each unit
        return action_for(
            verb,
            workload,
            as_root=os.geteuid() == 0,
            is_service=workload.name == self._place.service,
        )

    async def inside(self, unit: Unit, argv: Sequence[str]) -> Answer:
        """Run a program on this machine: that is where units live."""
        del unit
        return await run_here(argv, self._variables)

    async def use(self, unit: Unit) -> Use:
        """Return what a unit uses; waits a moment if its processor time was never asked before."""
        use, counts = await self._use_of(unit)
        if use.cpu_cores is None and counts:
            await asyncio.sleep(_TWO_LOOKS_S)
            use, _ = await self._use_of(unit)
        return use

    async def aclose(self) -> None:
        """Release nothing: every question has a process of its own."""

    async def _found(self) -> list[Properties]:
        """Return the properties of all units that are of interest, the service's first."""
        found = await self._manager.find(self._wanted.patterns)
        names = list(dict.fromkeys((*self._wanted.names, *found, *self._started_by.values())))
        shown = await self._manager.show(names)
        if not shown or any("Id" not in each for each in shown):
            raise SourceError(
                "systemctl show gave no answer that can be understood",
                fix=f"Try `systemctl show {self._wanted.names[0]}`",
            )
        kept: list[Properties] = [shown[0], *filter(self._is_of_interest, shown[1:])]
        self._started_by = {
            each["Id"]: started
            for each in kept
            if is_timer(each) and is_name(started := each.get("Unit", ""))
        }
        started_by = set(self._started_by.values())
        kept += [each for each in shown if each["Id"] in started_by]
        kept += await self._manager.show(sorted(started_by - {each["Id"] for each in shown}))
        distinct: dict[str, Properties] = {}
        for each in kept:  # two names may mean the same unit
            distinct.setdefault(each["Id"], each)
        self._ids = frozenset(distinct)
        self._accounting.keep(set(distinct))
        return list(distinct.values())

    def _is_of_interest(self, properties: Properties) -> bool:
        return not self._wanted.only_loaded or properties.get("LoadState") == "loaded"

    def _workload(
        self,
        properties: Properties,
        by_id: Mapping[str, Properties],
        booted_at: datetime,
        *,
        is_service: bool,
    ) -> Workload:
        about = Circumstances(
            booted_at=booted_at,
            name=self._place.service if is_service else "",
            use=self._accounting.use(properties, time.monotonic()),
            started=by_id.get(self._started_by.get(properties["Id"], "")),
            is_service=is_service,
        )
        return workload_of(properties, about)

    async def _known_ids(self) -> frozenset[str]:
        if not self._ids:
            await self._found()
        return self._ids

    async def _use_of(self, unit: Unit) -> tuple[Use, bool]:
        shown = await self._manager.show([unit.id])
        if not shown or "Id" not in shown[0]:
            return Use(), False
        use = self._accounting.use(shown[0], time.monotonic())
        return use, number(shown[0].get("CPUUsageNSec")) is not None

    def _now_us(self) -> int:
        return questions.microseconds_of(self._clock.now())

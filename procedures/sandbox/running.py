"""The sandbox at work: the model moved by the clock, and everything that listens."""

import asyncio
import contextlib
import secrets
from collections.abc import Sequence
from functools import partial

from procedures.clock import Clock
from procedures.sandbox import checkpoint, control, front, past, premises, replica_site, seed
from procedures.sandbox.bodies import Bodies
from procedures.sandbox.configs import ConfigStore
from procedures.sandbox.doors import door
from procedures.sandbox.history import SPAN_S, History
from procedures.sandbox.kept import Kept
from procedures.sandbox.leases import Leases
from procedures.sandbox.listener import Listener
from procedures.sandbox.logbook import Logbook
from procedures.sandbox.pace import Pace
from procedures.sandbox.ports import Port
from procedures.sandbox.service import Service
from procedures.sandbox.state_dir import Record, StateDir

TICK_S = 0.25
CHECKPOINT_EVERY_S = 10.0


class Running:
    """One running sandbox.

    Attributes:
        service: The model.
        history: Past samples.
        bodies: What stands for the processes on this machine, under systemd.
        configs: The configurations behind the API.
        logbook: The log files.
        leases: Who needs the sandbox.
        state: The directory that holds all of it.
        token: What the control address asks for.
        method: The deployment method that it poses as.
        door: Where clients of that method's own tools knock; None under systemd.
        minimal_health: Whether the health report names no components.
    """

    def __init__(
        self,
        state: StateDir,
        *,
        clock: Clock,
        configs: ConfigStore,
        pace: Pace,
        seed: int,
        method: str,
        minimal_health: bool = False,
    ) -> None:
        self.service = Service(now=clock.now().timestamp() - SPAN_S, seed=seed, pace=pace)
        self.history = History()
        self.configs = configs
        self.logbook = Logbook(state.logs, state.service_logs / "application.log")
        self.leases = Leases()
        self.token = secrets.token_urlsafe(24)
        self.method = method
        self.minimal_health = minimal_health
        self.bodies = Bodies()
        self._changed = asyncio.Event()
        self.state = state
        self._clock = clock
        self._turn = asyncio.Lock()
        earlier = state.read_record()
        self._front, self._control, *self._sites = self._listeners(earlier)
        self.door = door.of(self, earlier)

    def _listeners(self, earlier: Record | None) -> list[Listener[Port]]:
        """Reserve a port for each address, the same ones as last time where they are free."""
        replicas = self.service.fleet.replicas
        urls = (earlier.front, earlier.control, *earlier.replicas) if earlier else ()
        wished = [int(url.rpartition(":")[2]) for url in urls]
        wished += [0] * (2 + len(replicas) - len(wished))
        builders = (
            partial(front.application, self),
            partial(control.application, self),
            *(partial(replica_site.application, self, replica) for replica in replicas),
        )
        return [Listener(Port(n), build) for n, build in zip(wished, builders, strict=True)]

    @property
    def instances(self) -> list[str]:
        """Scrape address, ``host:port``, of each replica."""
        return [site.port.address for site in self._sites]

    def record(self, pid: int) -> Record:
        """Return what those need to know who want to talk to this sandbox."""
        return Record(
            pid=pid,
            token=self.token,
            method=self.method,
            front=self._front.port.url,
            control=self._control.port.url,
            replicas=tuple(site.port.url for site in self._sites),
            engine=self.door.engine if self.door else "",
            cluster=self.door.cluster if self.door else "",
        )

    async def open(self, starting_faults: Sequence[str]) -> None:
        """Continue the counters, live through the past hour and listen everywhere."""
        checkpoint.load(self.state.checkpoint, self.service)
        self.service.active_configs = self.configs.count()
        past.live_through(self.service, self.history, self.instances, starting_faults)
        await self.catch_up()
        await self._control.listen()
        if self.door is not None:
            await self.door.open()

    async def live(self) -> None:
        """Follow the clock until cancelled."""
        saved_at = self.service.now
        while True:
            await asyncio.sleep(TICK_S)
            await self.catch_up()
            if self.service.now >= saved_at + CHECKPOINT_EVERY_S:
                saved_at = self.service.now
                await self._save()

    async def close(self) -> None:
        """Stop listening and write everything down."""
        self._announce()
        if self.door is not None:
            await self.door.close()
        for listener in (self._front, self._control, *self._sites):
            await listener.shut()
        self.bodies.end()
        await self._write_logs()
        await self._save()

    def advance(self) -> None:
        """Bring the model to the present; a clock that went back is waited for."""
        before = self.service.changes
        self.service.advance(max(0.0, self._clock.now().timestamp() - self.service.now))
        if self.history.due(self.service.now):
            for instance, replica in zip(self.instances, self.service.fleet.replicas, strict=True):
                self.history.record(self.service.now, instance, replica)
        if self.service.changes != before:
            self._announce()

    async def catch_up(self) -> None:
        """Bring the model, the replicas' addresses and the logs to the present."""
        self.advance()
        async with self._turn:
            for site, replica in zip(self._sites, self.service.fleet.replicas, strict=True):
                if replica.listening != site.open:
                    await (site.listen() if replica.listening else site.close())
            if self.method == "systemd":
                self.bodies.follow(self.service.processes)
            reachable = any(replica.listening for replica in self.service.fleet.replicas)
            if reachable != self._front.open:
                await (self._front.listen() if reachable else self._front.close())
            await self._write_logs()

    async def obeyed(self) -> None:
        """Make the effects of an order visible at once."""
        self.service.changes += 1
        self.service.settle()
        self._announce()
        await self.catch_up()

    async def renew(self) -> None:
        """Undo what commands have done: everything runs, nothing is kept, the data is there."""
        await asyncio.to_thread(self._replenish)
        self.service.active_configs = await asyncio.to_thread(self.configs.count)
        self.advance()
        self.service.recover()
        await self.obeyed()

    def _replenish(self) -> None:
        Kept(self.state.kept).clear()
        premises.furnish(self.state)
        self.configs.create()
        seed.fill(self.configs)

    async def change(self, newer_than: int, timeout_s: float) -> None:
        """Return when something has changed since the change ``newer_than``, or in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self.service.changes <= newer_than:
                    await self._changed.wait()

    def _announce(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _write_logs(self) -> None:
        lines = self.service.journal.take()
        if lines:
            with contextlib.suppress(OSError):  # a full disk must not take the service along
                await asyncio.to_thread(self.logbook.write, lines)

    async def _save(self) -> None:
        text = checkpoint.dump(self.service)
        with contextlib.suppress(OSError):  # a full disk must not take the service along
            await asyncio.to_thread(checkpoint.save, self.state.checkpoint, text)

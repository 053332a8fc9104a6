"""The sandbox's processes as the shims see them."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims.usage import ToolError

_POLL_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A replica or a dependency; times are Unix times."""

    name: str
    phase: str
    generation: int
    started_at: float
    ended_at: float
    since: float = 0.0
    """Unix time at which its phase began."""
    ordinal: int = 0
    pid: int = 0
    revision: int = 0
    instance: str = ""
    cpu_cores: float = 0.02
    cpu_s: float = 0.0
    memory_bytes: float = 32.0 * 1024**2

    @property
    def ready(self) -> bool:
        """Whether it serves."""
        return self.phase == "ready"

    @property
    def running(self) -> bool:
        """Whether there is a process."""
        return self.phase not in {"stopped", "crashed"}

    @property
    def restarts(self) -> int:
        """How often it was started again."""
        return self.generation - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """All processes at one moment."""

    change: int
    now: float
    wanted: int
    rolling: bool
    revisions: tuple[tuple[int, float, str], ...]
    """Number, time and cause, oldest first."""
    replicas: tuple[Process, ...]
    dependencies: tuple[Process, ...]

    def process(self, name: str) -> Process | None:
        """Return the process of that name."""
        return next((p for p in (*self.replicas, *self.dependencies) if p.name == name), None)

    @property
    def members(self) -> tuple[Process, ...]:
        """The replicas that the deployment wants, and those that still stop."""
        return tuple(p for p in self.replicas if p.ordinal <= self.wanted or p.running)


def observe(control: Control, **query: float) -> Observed:
    """Look at the processes."""
    return of_state(control.get("/state", **query))


def of_state(state: dict[str, Any]) -> Observed:
    """Return the processes as the sandbox's own overview tells of them."""
    return Observed(
        change=state["change"],
        now=state["now"],
        wanted=state["wanted"],
        rolling=state["rolling"],
        revisions=tuple((r["number"], r["at"], r["cause"]) for r in state["revisions"]),
        replicas=tuple(_process(item) for item in state["replicas"]),
        dependencies=tuple(_process(item) for item in state["dependencies"]),
    )


def wait_until(
    control: Control, holds: Callable[[Observed], bool], timeout_s: float = 600.0
) -> Observed | None:
    """Look again after every change until ``holds``; None when the time is over."""
    seen = observe(control)
    deadline = seen.now + timeout_s
    while not holds(seen):
        left_s = deadline - seen.now
        if left_s <= 0:
            return None
        seen = observe(control, newer_than=seen.change, timeout_s=min(_POLL_S, left_s))
    return seen


def order(control: Control, name: str, action: str) -> None:
    """Restart, stop or start a process."""
    control.post(f"/processes/{name}/{action}")


def restart_and_wait(control: Control, names: list[str], *, ready: bool) -> None:
    """Restart processes together; return when they run again, or are ready."""
    before = observe(control)
    generations = {name: found.generation for name in names if (found := before.process(name))}
    for name in names:
        order(control, name, "restart")

    def done(seen: Observed) -> bool:
        found = [seen.process(name) for name in names]
        return all(
            p is not None
            and p.generation > generations[p.name]
            and (p.ready or (not ready and p.running))
            for p in found
        )

    _insist(wait_until(control, done), names)


def act_and_wait(control: Control, names: list[str], action: str, phases: set[str]) -> None:
    """Stop or start processes; return when all are in one of ``phases``."""
    for name in names:
        order(control, name, action)

    def done(seen: Observed) -> bool:
        found = [seen.process(name) for name in names]
        return all(p is not None and p.phase in phases for p in found)

    _insist(wait_until(control, done), names)


def _insist(seen: Observed | None, names: list[str]) -> None:
    if seen is None:
        raise ToolError(f"timed out waiting for {', '.join(names)}")


def _process(item: dict[str, Any]) -> Process:
    known = {field.name for field in fields(Process)}
    return Process(**{key: value for key, value in item.items() if key in known})

"""A walk that nobody attends: it goes as far as the orders given beforehand allow.

Nothing is decided here that no order covers: what needs an operator ends the walk with a
:class:`Halted` that says what to add, and the run stays open to be taken up.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from procedures.clock import Clock
from procedures.errors import LedgerConflictError, RunError
from procedures.execution.run.preparation import Prepared
from procedures.execution.run.run import Stage, StepRecord, StepStatus
from procedures.execution.unattended import halting
from procedures.execution.unattended.orders import Halt, Halted, Orders, TurnTaken, named
from procedures.execution.walking.progress import Progress
from procedures.execution.walking.walk import Walk
from procedures.reference.levels import Level

Told = Progress | TurnTaken | Halted

_LOOK_S = 1.0
"""How often to look for the end of commands in the background."""


class Unattended:
    """Takes the turns of one walk that its orders cover.

    Args:
        walk: What to walk, begun or taken up.
        orders: What the operator decided beforehand.
        clock: What tells the time.
    """

    def __init__(self, walk: Walk, orders: Orders, clock: Clock) -> None:
        self._walk = walk
        self._orders = orders
        self._clock = clock
        self._used: set[str] = set()

    async def go(self) -> AsyncGenerator[Told, None]:
        """Walk as far as possible; the last thing told is a :class:`Halted`.

        Closing the iterator leaves a command running.
        """
        await self._walk.refresh()
        while not (halted := self._standing()):
            record = self._walk.run.current
            if record is None:
                await self._wait_behind()
                continue
            try:
                async with aclosing(self._take(record)) as told:
                    async for each in told:
                        yield each
                        if isinstance(each, Halted):
                            return
            except RunError as error:
                # Another console may have moved the run on; then its state says why.
                await self._walk.refresh()
                if _in_between(error):
                    continue
                halted = self._standing() or halting.blocked(record, error)
                break
        yield halted

    def _standing(self) -> Halted | None:
        return halting.standing(self._walk.run, drives=self._walk.drives)

    @property
    def _has_changed(self) -> bool:
        """Whether the document asks for something else than when the run began."""
        return self._walk.document_changed and self._walk.run.rolling_back is None

    async def _wait_behind(self) -> None:
        """Wait for what still runs behind the last step, and end the run after it."""
        await self._walk.course.complete()
        if self._walk.run.is_open:
            await self._walk.follow(_LOOK_S)

    async def _take(self, record: StepRecord) -> AsyncGenerator[Told, None]:
        """Take the next turn of the present step."""
        orders = self._orders
        if record.status is StepStatus.IN_DOUBT:
            yield await self._resolve(record)
        elif not record.command_runs and (name := named(record, orders.skipped)):
            await self._walk.skip(record.id, orders.skipped[name])
            yield TurnTaken(step_id=record.id, turn="skipped", detail=orders.skipped[name])
        elif self._has_changed and not _goes_on_by_itself(record):
            yield halting.changed(self._walk.run)
        elif record.status is StepStatus.FAILED:
            yield await self._after_failure(record)
        elif record.remaining[0] is Stage.ITEMS:
            yield await self._tick(record)
        elif record.remaining[0] is Stage.CHOICE:
            yield await self._choose(record)
        elif record.status is StepStatus.PENDING and (told := await self._admitted(record)):
            for each in told:
                yield each
        else:
            async with aclosing(self._walk.execute(record.id)) as progress:
                async for each in progress:
                    yield each

    async def _admitted(self, record: StepRecord) -> list[Told]:
        """Return what is told before the step may begin; empty if it may begin at once."""
        prepared = self._walk.prepare(record.id)
        if halted := halting.forbidden(record, prepared, self._orders):
            return [halted]
        self._walk.admit(record.id)
        if prepared.ruling.second_person and (told := await self._second_person(record, prepared)):
            return told
        override = self._orders.overridden.get(named(record, self._orders.overridden), "")
        asks = prepared.level is not Level.READ or prepared.ruling.second_person
        if not asks and not prepared.preconditions:
            return []
        try:
            await self._walk.confirm(record.id, prepared.confirm_word, override=override)
        except RunError as error:
            await self._walk.refresh()
            if not prepared.preconditions or _in_between(error) or self._standing():
                raise
            return [halting.unmet(record, prepared, error)]
        return [TurnTaken(step_id=record.id, turn="confirmed", detail=prepared.level.value)]

    async def _second_person(self, record: StepRecord, prepared: Prepared) -> list[Told]:
        """Return what is told instead of going on; empty if a second person has agreed."""
        approval, now = record.approval, self._clock.now()
        if approval and approval.covers(prepared.binding, now):
            return []
        fits = approval is not None and approval.binding == prepared.binding
        if approval and fits and approval.refused_by and not self._once("ask", record):
            return [halting.turned_down(record, approval)]
        told: list[Told] = []
        if not (approval and fits and approval.is_open(now)):
            await self._walk.request_approval(record.id)
            told.append(TurnTaken(step_id=record.id, turn="approval-requested"))
        return [*told, halting.waits_for_second(self._walk.run, record.id)]

    async def _tick(self, record: StepRecord) -> Told:
        if not named(record, self._orders.ticked):
            return halting.not_ticked(record, self._walk.step(record.id).items)
        for n in range(record.items):
            if n not in record.ticked:
                await self._walk.tick(record.id, n)
        return TurnTaken(step_id=record.id, turn="ticked")

    async def _choose(self, record: StepRecord) -> Told:
        choices = self._walk.step(record.id).choices
        labels = [choice.label for choice in choices]
        if not (name := named(record, self._orders.chosen)):
            return halting.not_chosen(record, labels)
        place = _place(self._orders.chosen[name], labels, record.id)
        await self._walk.choose(record.id, place)
        target = choices[place].target
        if not target:
            return TurnTaken(step_id=record.id, turn="chosen", detail=labels[place])
        return Halted(
            halt=Halt.ELSEWHERE if self._walk.run.is_open else Halt.COMPLETED,
            what=f"the way chosen in step {record.id} leads to {target}",
            step_id=record.id,
            fix=f"Walk it: `quarterdeck run {target}`",
        )

    async def _after_failure(self, record: StepRecord) -> Told:
        if self._once("recheck", record):
            await self._walk.retry(record.id, recheck=True)
            return TurnTaken(step_id=record.id, turn="retried", detail="its checks only")
        if self._once("retry", record):
            await self._walk.retry(record.id)
            return TurnTaken(step_id=record.id, turn="retried")
        return halting.failed(self._walk.run, record)

    async def _resolve(self, record: StepRecord) -> Told:
        name = named(record, self._orders.resolved)
        if not name or f"resolve {record.id}" in self._used:
            return halting.in_doubt(record)
        self._used.add(f"resolve {record.id}")
        said = self._orders.resolved[name]
        await self._walk.resolve_doubt(record.id, said.passed, said.note)
        word = "passed" if said.passed else "failed"
        return TurnTaken(step_id=record.id, turn="resolved", detail=f"{word}: {said.note}")

    def _once(self, what: str, record: StepRecord) -> bool:
        """Whether the orders name the step for this, and it was not done in this walk yet."""
        groups = {
            "retry": self._orders.retried,
            "recheck": self._orders.rechecked,
            "ask": self._orders.asked_again,
        }
        key = f"{what} {record.id}"
        if key in self._used or not named(record, groups[what]):
            return False
        self._used.add(key)
        return True


def _goes_on_by_itself(record: StepRecord) -> bool:
    """Whether the step is under way and needs nobody's answer."""
    answered = record.remaining and record.remaining[0] in (Stage.ITEMS, Stage.CHOICE)
    return record.status is StepStatus.RUNNING and not answered


def _in_between(error: RunError) -> bool:
    """Whether another console only recorded first, be it a note: then one looks once more."""
    return isinstance(error.__cause__, LedgerConflictError)


def _place(asked: str, labels: list[str], step_id: str) -> int:
    """Return the position of the way out that is asked for by number or by label."""
    if asked in labels:
        return labels.index(asked)
    if asked.isdecimal() and 0 < int(asked) <= len(labels):
        return int(asked) - 1
    raise RunError(
        f"step {step_id} has no way out '{asked}'", fix=f"Use one of: {'; '.join(labels)}"
    )

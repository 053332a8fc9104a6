"""Whatever an operator chooses next, a turn that is due is taken and the run stays sound.

The machine keeps books of its own: what was executed, what is confirmed by whom, and what was
undone; the fold has to come to the same.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from procedures.errors import RunError
from procedures.execution.run.bodies import outline_body, untouched
from procedures.execution.run.effects import Standing, effects_of
from procedures.execution.run.fold import fold
from procedures.execution.run.run import RunOutcome, Stage, StepRecord, StepStatus
from tests.unit.execution.soundness import require_sound
from tests.unit.execution.stories import Story, at, result, undoing

LEVELS = st.sampled_from(["read", "change", "destructive"])
PEOPLE = st.sampled_from(["ada", "grace"])


class DrivenRun(RuleBasedStateMachine):
    """One run, and two operators who take turns at it."""

    @initialize(
        stages=st.lists(st.sets(st.sampled_from(Stage), min_size=1), min_size=1, max_size=4)
    )
    def begin(self, stages: list[set[Stage]]) -> None:
        steps = [
            untouched(
                id=f"step-{n}",
                title="",
                stages=tuple(stage for stage in Stage if stage in chosen),
                items=2 * (Stage.ITEMS in chosen),
                choices=2 * (Stage.CHOICE in chosen),
            )
            for n, chosen in enumerate(stages)
        ]
        self.story = Story(*steps)
        self.driver = "ada"
        self.confirmed_by = ""
        self.levels: dict[str, str] = {}
        """What was executed of each step, and never undone since: the level."""

    def take(self, kind: str, *, by: str = "", **body: object) -> None:
        before, current = self.story.run, self.story.run.current
        named = kind.startswith(("step.", "approval."))
        step = current.id if named and current else ""
        self.story.tell(kind, step, by=by or self.driver, **body)
        require_sound(before, self.story.run, self.story.events[-1])

    def stage(self) -> Stage | None:
        """Return what the present step still has to get through first, if anything may be done."""
        run = self.story.run
        step = run.current
        return step.remaining[0] if step and step.remaining and run.is_open else None

    def present(self, *statuses: StepStatus, paused: bool = False) -> StepRecord | None:
        run = self.story.run
        step = run.current
        fits = run.is_open and step and step.status in statuses and (paused or not run.pause)
        return step if fits else None

    def is_at(self, stage: Stage, *statuses: StepStatus, paused: bool = False) -> bool:
        return self.present(*statuses, paused=paused) is not None and self.stage() is stage

    def is_news(self, kind: str) -> bool:
        """Tell whether the last thing that happened was something else."""
        return self.story.events[-1].kind != kind

    def command_runs(self) -> bool:
        step = self.story.run.current
        return step is not None and step.command_runs

    def runs_something(self) -> bool:
        return self.command_runs() or bool(self.story.run.behind)

    # The command of the present step.

    @precondition(lambda self: self.is_at(Stage.COMMAND, StepStatus.PENDING))
    @rule(level=LEVELS)
    def confirm(self, level: str) -> None:
        self.take("step.confirmed", level=level)
        self.confirmed_by = self.driver

    @precondition(lambda self: self.is_at(Stage.COMMAND, StepStatus.PENDING))
    @rule(expired=st.booleans(), refused=st.booleans())
    def ask_a_second_person(self, expired: bool, refused: bool) -> None:
        expires_at = at(0 if expired else 10_000).isoformat()
        other = "grace" if self.driver == "ada" else "ada"
        self.take("approval.requested", expires_at=expires_at)
        self.must_refuse("approval.granted", by=self.driver)
        if expired:
            self.must_refuse("approval.granted", by=other)
        else:
            self.take("approval.refused" if refused else "approval.granted", by=other)
            self.must_refuse("approval.granted", by=other)
        if expired or refused:
            self.must_refuse("step.confirmed", needs_approval=True)
        else:
            self.must_refuse("step.confirmed", by=other, needs_approval=True)
            self.must_refuse("step.confirmed", needs_approval=True, binding="other")
            self.take("step.confirmed", needs_approval=True)
            self.confirmed_by = self.driver

    @precondition(lambda self: self.is_at(Stage.COMMAND, StepStatus.PENDING))
    @rule(background=st.booleans())
    def start_what_only_reads(self, background: bool) -> None:
        self.must_refuse("step.started", level="change")
        self.take("step.started", level="read", background=background)
        self.note_start("read")

    @precondition(lambda self: self.is_at(Stage.COMMAND, StepStatus.CONFIRMED))
    @rule(background=st.booleans())
    def start_what_was_confirmed(self, background: bool) -> None:
        assert self.confirmed_by == self.driver, "a confirmation stays with who gave it"
        level = self.story.current.level
        assert level
        self.must_refuse("step.started", level=level.value, binding="other")
        self.take("step.started", level=level.value, background=background)
        self.note_start(level.value)

    def note_start(self, level: str) -> None:
        step = self.story.current
        if not step.undoes and level != "read":
            self.levels[step.id] = level

    @precondition(lambda self: self.command_runs())
    @rule(how=st.sampled_from(["passed", "failed", "doubt", "behind"]), by=PEOPLE)
    def see_what_became_of_the_command(self, how: str, by: str) -> None:
        self.must_refuse("step.skipped")
        self.must_refuse("run.aborted")
        self.must_refuse("rollback.begun")
        step = self.story.current
        if how == "doubt":
            self.take("step.in-doubt", by=by)
        elif how == "behind" and step.background and not step.undoes:
            self.take("step.left-running", by=by)
        else:
            self.take("step.finished", by=by, exit_code=int(how == "failed"))

    @precondition(lambda self: self.present(StepStatus.IN_DOUBT))
    @rule(passed=st.booleans())
    def resolve_the_doubt(self, passed: bool) -> None:
        for kind in ("step.started", "step.retried", "step.skipped"):
            self.must_refuse(kind)
        self.take("step.doubt-resolved", passed=passed)

    @precondition(lambda self: self.story.run.behind)
    @rule(exit_code=st.sampled_from([0, 1, None]), by=PEOPLE)
    def see_a_command_behind_end(self, exit_code: int | None, by: str) -> None:
        for kind in ("run.aborted", "run.completed"):
            self.must_refuse(kind)
        step = self.story.run.behind[0]
        before = self.story.run
        self.story.tell("background.finished", step.id, by=by, exit_code=exit_code)
        require_sound(before, self.story.run, self.story.events[-1])

    @precondition(lambda self: self.present(StepStatus.PENDING))
    @rule(level=LEVELS)
    def walk_the_step(self, level: str) -> None:
        """Take the step through all its stages without any trouble."""
        step = self.story.current
        if Stage.COMMAND in step.remaining:
            self.confirm(level)
            self.start_what_was_confirmed(background=False)
            self.take("step.finished")
        elif {Stage.CHECKS, Stage.WAIT} & {*step.remaining}:
            self.start_without_a_command()
        for stage in (Stage.CHECKS, Stage.WAIT):
            if stage in step.remaining:
                self.take("step.checked", stage=stage.value, results=[result(True)])
        for item in set(range(step.items)) - step.ticked if Stage.ITEMS in step.remaining else ():
            self.take("step.ticked", item=item)
        if Stage.CHOICE in step.remaining:
            self.take("step.chosen")
        assert self.story.run.step(step.id) != step

    # What follows the command.

    @precondition(lambda self: self.is_at(Stage.CHECKS, StepStatus.RUNNING, paused=True))
    @rule(passed=st.sampled_from([True, False, None]))
    def judge(self, passed: bool | None) -> None:
        self.take("step.checked", results=[result(passed)])

    @precondition(lambda self: self.is_at(Stage.WAIT, StepStatus.RUNNING, paused=True))
    @rule(passed=st.booleans())
    def wait(self, passed: bool) -> None:
        self.take("step.waiting")
        self.take("step.checked", stage="wait", results=[result(passed)])

    @precondition(
        lambda self: (
            self.is_at(Stage.CHECKS, StepStatus.PENDING)
            or self.is_at(Stage.WAIT, StepStatus.PENDING)
        )
    )
    @rule()
    def start_without_a_command(self) -> None:
        self.take("step.started", level="read", folder="", host="")

    @precondition(lambda self: self.is_at(Stage.ITEMS, StepStatus.PENDING, StepStatus.RUNNING))
    @rule(item=st.integers(0, 1), on=st.booleans())
    def tick(self, item: int, on: bool) -> None:
        self.take("step.ticked", item=item, on=on)

    @precondition(lambda self: self.is_at(Stage.CHOICE, StepStatus.PENDING, StepStatus.RUNNING))
    @rule(choice=st.integers(0, 1))
    def choose(self, choice: int) -> None:
        self.take("step.chosen", choice=choice)

    @precondition(lambda self: self.present(StepStatus.PENDING, StepStatus.FAILED))
    @rule()
    def skip(self) -> None:
        self.take("step.skipped")

    @precondition(
        lambda self: self.present(StepStatus.FAILED) and not self.story.current.runs_behind
    )
    @rule(recheck=st.booleans())
    def retry(self, recheck: bool) -> None:
        if recheck and Stage.COMMAND in self.story.current.remaining:
            self.must_refuse("step.retried", recheck=True)
        else:
            self.take("step.retried", recheck=recheck)

    # The run as a whole.

    @precondition(lambda self: self.story.run.is_open)
    @rule()
    def pause_or_go_on(self) -> None:
        if self.story.run.pause:
            for kind in ("step.confirmed", "step.started", "step.skipped", "run.completed"):
                self.must_refuse(kind)
            self.take("run.resumed")
        else:
            self.take("run.paused")
            self.confirmed_by = ""

    @precondition(lambda self: self.is_news("run.taken"))
    @rule(by=PEOPLE)
    def take_over(self, by: str) -> None:
        self.take("run.taken", by=by)
        self.driver, self.confirmed_by = by, ""

    @precondition(lambda self: self.story.run.is_open and self.is_news("run.handed-over"))
    @rule(to=PEOPLE)
    def hand_over(self, to: str) -> None:
        self.take("run.handed-over", to=to)
        self.driver, self.confirmed_by = to, ""

    @precondition(lambda self: self.story.run.is_open and not self.runs_something())
    @rule(surely=st.sampled_from([False] * 9 + [True]))
    def abort(self, surely: bool) -> None:
        if surely:
            self.take("run.aborted")
            assert self.story.run.outcome is RunOutcome.ABORTED

    @precondition(lambda self: self.story.run.is_open and self.story.run.current is None)
    @precondition(lambda self: not self.story.run.pause and not self.story.run.behind)
    @rule()
    def come_to_the_end(self) -> None:
        back = self.story.run.rolling_back
        undone = {step.id for step in self.story.run.steps if step.status is StepStatus.UNDONE}
        if back and back.goes_on:
            self.must_refuse("run.completed")
            self.take("rollback.ended")
            for step_id in undone:
                self.levels.pop(step_id, None)
        else:
            self.must_refuse("rollback.ended")
            self.take("run.completed")

    @precondition(lambda self: not self.story.run.rolling_back and bool(undoing(self.story.run)))
    @precondition(lambda self: not self.runs_something())
    @rule(goes_on=st.booleans())
    def go_back(self, goes_on: bool) -> None:
        self.take("rollback.begun", goes_on=goes_on)
        self.confirmed_by = ""
        assert self.story.run.is_open

    @precondition(lambda self: self.is_news("run.noted"))
    @rule()
    def note(self) -> None:
        self.take("run.noted")

    @rule(outline=st.just(outline_body(untouched(id="x", title="", stages=(Stage.COMMAND,)))))
    def try_what_is_never_possible(self, outline: dict[str, object]) -> None:
        self.must_refuse("run.started")
        self.must_refuse("rollback.begun", steps=[])
        self.must_refuse("rollback.begun", steps=[outline])
        if not self.story.run.is_open:
            for kind in ("run.paused", "run.resumed", "run.aborted", "run.completed"):
                self.must_refuse(kind)

    def must_refuse(self, kind: str, *, by: str = "", **body: object) -> None:
        before = self.story.run
        try:
            self.take(kind, by=by, **body)
        except RunError:
            assert self.story.run is before
            return
        raise AssertionError(f"{kind} was taken")

    @invariant()
    def the_effects_are_those_of_the_books(self) -> None:
        found = {effect.step_id: effect for effect in effects_of(self.story.run)}
        assert set(found) == set(self.levels)
        for step in self.story.run.steps:
            if step.id in found:
                undone = found[step.id].standing is Standing.UNDONE
                assert undone == (step.status is StepStatus.UNDONE)

    def teardown(self) -> None:
        if hasattr(self, "story"):
            assert fold(self.story.events) == self.story.run


DrivenRun.TestCase.settings = settings(max_examples=120, stateful_step_count=50, deadline=None)
TestDrivenRun = DrivenRun.TestCase

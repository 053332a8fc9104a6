"""The shipped rules, evaluated by the console itself where nobody else evaluates any."""

from collections.abc import Callable, Mapping

from procedures.clock import Clock
from procedures.reference.alert_rules import AlertRule
from procedures.signals.evaluation import Evaluation, Groups
from procedures.signals.meter import Meter, Tracks
from procedures.signals.past import aligned
from procedures.signals.rule_book import RuleBook
from procedures.signals.values import Alerts

CATCH_UP_S = 3600
"""How far it looks back at start, so that an old trouble does not look like a new one."""

CATCH_UP_STEP_S = 60
"""The shortest ``for`` of a rule is a minute; a finer look back would only cost time."""

LONGEST_GAP_S = 120
"""Time without an observation after which the past is asked for what was missed."""


class ConsoleAlerts:
    """Evaluates the rules over a meter; does nothing while ``needed`` says so."""

    name = "console-rules"

    def __init__(
        self,
        meter: Meter,
        rules: tuple[AlertRule, ...],
        *,
        job: str,
        interval_s: float,
        needed: Callable[[], bool],
        clock: Clock,
    ) -> None:
        self.address = meter.address
        self.interval_s = interval_s
        self.timeout_s = 3 * meter.timeout_s
        self._meter = meter
        self._measures = {rule.name: rule.measure for rule in rules}
        self._book = RuleBook(rules, job=job)
        self._needed = needed
        self._clock = clock

    async def read(self) -> Alerts | None:
        """Return the alerts of the shipped rules; None while they are not needed."""
        if not self._needed():
            return None
        answers = await self._meter.ask(self._measures)
        await self._catch_up(answers.server_at)
        values = {name: _groups(each) for name, each in answers.evaluations.items()}
        self._book.observe(answers.server_at, values)
        return Alerts(
            items=self._book.alerts(),
            source="console",
            at=answers.at,
            fault=answers.too_old or answers.fault,
        )

    async def aclose(self) -> None:
        """Do nothing: the meter belongs to the indicators."""

    async def _catch_up(self, now: float) -> None:
        observed = self._book.observed
        if observed is not None and now - observed <= LONGEST_GAP_S:
            return
        end = aligned(now - 1)
        steps = int((end - max(end - CATCH_UP_S, observed or 0.0)) // CATCH_UP_STEP_S)
        start = end - steps * CATCH_UP_STEP_S
        tracks = await self._meter.ask_past(
            self._measures, start=start, end=end, step_s=CATCH_UP_STEP_S
        )
        for position in range(steps + 1):
            at = start + position * CATCH_UP_STEP_S
            self._book.observe(at, {name: _at(each, position) for name, each in tracks.items()})


def _groups(evaluation: Evaluation) -> Groups:
    if evaluation.groups:
        return evaluation.groups
    return {} if evaluation.value is None else {(): evaluation.value}


def _at(tracks: Tracks, position: int) -> Mapping[tuple[str, ...], float]:
    return {group: values[position] for group, values in tracks.items()}

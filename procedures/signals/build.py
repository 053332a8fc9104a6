"""The watch over one environment, wired as its settings say."""

import asyncio
from collections.abc import Mapping

from procedures.backups.depot import S3_TIMEOUT_S
from procedures.clock import Clock
from procedures.environment import Environment
from procedures.reference.alert_rules import load_alert_rules
from procedures.reference.indicators import Indicator, load_indicators
from procedures.reference.measures import metrics_of
from procedures.signals.alert_choice import console_is_needed
from procedures.signals.alertmanager_source import AlertmanagerSource
from procedures.signals.backups_source import BackupsSource
from procedures.signals.console_alerts import ConsoleAlerts
from procedures.signals.disk_source import DiskSource
from procedures.signals.health_source import HealthSource
from procedures.signals.history_source import HistorySource
from procedures.signals.indicator_source import IndicatorSource
from procedures.signals.meter import Meter
from procedures.signals.poller import Part, Poller
from procedures.signals.prometheus_meter import PrometheusMeter
from procedures.signals.prometheus_rules import PrometheusRules, RuleAlerts
from procedures.signals.scrape_meter import ScrapeMeter
from procedures.signals.source import Source
from procedures.signals.values import Alerts, Snapshot
from procedures.signals.watch import Pollers, Watch

DISK_INDICATOR = "storage"
"""The indicator whose thresholds hold for the file system too."""

SECOND_SCRAPE_AFTER_S = 5.0


def watch_for(
    environment: Environment, clock: Clock, *, indicators: Mapping[str, Indicator] | None = None
) -> Watch:
    """Build the watch; nothing is asked before its first snapshot is.

    Args:
        environment: What there is to ask.
        clock: Tells when answers came.
        indicators: Those to watch; the shipped ones by default.
    """
    return _Builder(environment, clock, indicators or load_indicators()).watch()


async def look_once(environment: Environment, clock: Clock, patience_s: float = 10.0) -> Snapshot:
    """Ask every source once, for a check without a screen; what is silent is UNKNOWN."""
    watch = watch_for(environment, clock)
    scrapes = environment.prometheus is None and not environment.history_url
    try:
        return await watch.look(
            patience_s=patience_s, twice_after_s=SECOND_SCRAPE_AFTER_S if scrapes else 0.0
        )
    finally:
        await watch.aclose()


def timeout_of(interval_s: float) -> float:
    """Return how long an answer may take: less than the interval, between 1 and 10 seconds."""
    return min(10.0, max(1.0, 0.9 * interval_s))


class _Builder:
    def __init__(
        self, environment: Environment, clock: Clock, indicators: Mapping[str, Indicator]
    ) -> None:
        self._environment = environment
        self._clock = clock
        self._indicators = indicators
        self._changed = asyncio.Event()

    def watch(self) -> Watch:
        meter = self._meter()
        history = self._history(meter)
        alertmanager, rules = self._alertmanager(), self._rules()
        pollers = Pollers(
            metrics=self._polled(self._indicator_source(meter)),
            history=self._polled(history),
            health=self._polled(self._health()),
            alertmanager=alertmanager,
            rules=rules,
            console=self._polled(self._console(meter, alertmanager, rules)),
            backups=self._polled(self._backups()),
            disk=self._polled(self._disk()),
        )
        return Watch(
            pollers,
            indicators=self._indicators,
            history=history,
            changed=self._changed,
            clock=self._clock,
        )

    def _polled(self, source: Source[Part | None] | None) -> Poller[Part] | None:
        if source is None:
            return None
        return Poller(source, clock=self._clock, changed=self._changed.set)

    def _meter(self) -> Meter | None:
        environment = self._environment
        interval_s = environment.intervals.metrics_s
        if environment.prometheus is not None:
            return PrometheusMeter(
                environment.prometheus,
                job=environment.job,
                labels=environment.labels,
                window_s=environment.window_s,
                limits=environment.limits,
                interval_s=interval_s,
                timeout_s=timeout_of(interval_s),
                clock=self._clock,
            )
        if not environment.metrics:
            return None
        measures = [each.measure for each in self._indicators.values()]
        measures += [rule.measure for rule in load_alert_rules()]
        return ScrapeMeter(
            environment.metrics,
            wanted={metric for measure in measures for metric in metrics_of(measure)},
            history_url=environment.history_url,
            window_s=environment.window_s,
            limits=environment.limits,
            timeout_s=timeout_of(interval_s),
            clock=self._clock,
        )

    def _indicator_source(self, meter: Meter | None) -> IndicatorSource | None:
        if meter is None:
            return None
        return IndicatorSource(
            meter,
            self._indicators,
            thresholds=self._environment.thresholds,
            interval_s=self._environment.intervals.metrics_s,
        )

    def _history(self, meter: Meter | None) -> HistorySource | None:
        if meter is None:
            return None
        interval_s = self._environment.intervals.metrics_s
        return HistorySource(meter, self._indicators, interval_s=interval_s)

    def _console(
        self,
        meter: Meter | None,
        alertmanager: Poller[Alerts] | None,
        rules: Poller[RuleAlerts] | None,
    ) -> ConsoleAlerts | None:
        if meter is None:
            return None

        def needed() -> bool:
            return console_is_needed(
                alertmanager.held if alertmanager else None,
                rules.held if rules else None,
                self._clock.now(),
            )

        return ConsoleAlerts(
            meter,
            load_alert_rules(),
            job=self._environment.job,
            interval_s=self._environment.intervals.alerts_s,
            needed=needed,
            clock=self._clock,
        )

    def _alertmanager(self) -> Poller[Alerts] | None:
        endpoint = self._environment.alertmanager
        if endpoint is None:
            return None
        interval_s = self._environment.intervals.alerts_s
        return self._polled(
            AlertmanagerSource(
                endpoint,
                labels=self._environment.labels,
                interval_s=interval_s,
                timeout_s=timeout_of(interval_s),
                clock=self._clock,
            )
        )

    def _rules(self) -> Poller[RuleAlerts] | None:
        endpoint = self._environment.prometheus
        if endpoint is None:
            return None
        interval_s = self._environment.intervals.alerts_s
        return self._polled(
            PrometheusRules(
                endpoint,
                labels=self._environment.labels,
                interval_s=interval_s,
                timeout_s=timeout_of(interval_s),
                clock=self._clock,
            )
        )

    def _health(self) -> HealthSource | None:
        endpoint = self._environment.health
        if endpoint is None:
            return None
        interval_s = self._environment.intervals.health_s
        return HealthSource(
            endpoint, interval_s=interval_s, timeout_s=timeout_of(interval_s), clock=self._clock
        )

    def _backups(self) -> BackupsSource | None:
        environment = self._environment
        if not environment.has_backups:
            return None
        interval_s = environment.intervals.backups_s
        timeout_s = S3_TIMEOUT_S if environment.backups.s3 else timeout_of(interval_s)
        return BackupsSource(
            environment,
            interval_s=interval_s,
            timeout_s=min(timeout_s, max(1.0, interval_s)),
            clock=self._clock,
        )

    def _disk(self) -> DiskSource | None:
        environment = self._environment
        if environment.data_dir is None:
            return None
        shipped = self._indicators[DISK_INDICATOR].threshold
        interval_s = environment.intervals.disk_s
        return DiskSource(
            environment.data_dir,
            threshold=environment.thresholds.get(DISK_INDICATOR, shipped),
            interval_s=interval_s,
            timeout_s=timeout_of(interval_s),
            clock=self._clock,
        )

"""What is found in a snapshot, in the words of a plain line."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from procedures.environment import Environment
from procedures.execution.cleaning import clean_line
from procedures.reference.indicators import Indicator
from procedures.reference.thresholds import Threshold
from procedures.signals.values import (
    Alert,
    AlertHandling,
    Alerts,
    Backups,
    Component,
    Disk,
    Health,
    Reading,
)
from procedures.signals.verdict import Finding, Watched
from widgets.backup_line import recovery_note
from widgets.marks import age, aims, format_value, size


def threshold_of(indicator: Indicator, environment: Environment) -> Threshold | None:
    """Return the threshold that holds in ``environment``."""
    return environment.thresholds.get(indicator.id, indicator.threshold)


class Wording:
    """Names and details of findings; text from outside is cleaned and kept to one line."""

    def __init__(
        self, environment: Environment, indicators: Mapping[str, Indicator], now: datetime
    ) -> None:
        self._environment = environment
        self._indicators = indicators
        self._now = now

    def name(self, about: Watched) -> str:
        """Return what the finding is about, in a few words."""
        match about:
            case Reading():
                return self._indicators[about.indicator].title
            case Health():
                return "Health"
            case Component():
                return f"Component {clean_line(about.name, limit=40)}"
            case Alert():
                return f"Alert {clean_line(about.name, limit=60)}"
            case Alerts():
                return "Alerts"
            case Backups():
                return "Backups"
            case Disk():
                return "Disk"

    def width(self, found: Iterable[Finding]) -> int:
        """Return the columns that the names of all findings fit into."""
        return max((len(self.name(finding.about)) for finding in found), default=0)

    def detail(self, about: Watched) -> str:
        """Return what is known about it, in one line."""
        match about:
            case Reading():
                return self._reading(about)
            case Health():
                silent = about.http_status and not about.reports_components
                told = _joined(clean_line(about.word), "components not reported" if silent else "")
                return _with_fault(told, about.fault)
            case Component():
                took = "" if about.duration_ms is None else f"{about.duration_ms:.0f} ms"
                return _joined(clean_line(about.word), took, clean_line(about.message))
            case Alert():
                return self._alert(about)
            case Alerts():
                return clean_line(about.fault)
            case Backups():
                return self._backups(about)
            case Disk():
                if not about.total_bytes:
                    return clean_line(about.fault) or "not known"
                free = f"{size(about.free_bytes)} free of {size(about.total_bytes)}"
                return _with_fault(f"{about.path}: {free}", about.fault)

    def _reading(self, reading: Reading) -> str:
        indicator = self._indicators[reading.indicator]
        if reading.value is None:
            return clean_line(reading.fault) or "no value"
        threshold = threshold_of(indicator, self._environment)
        limits = f"({aims(threshold, indicator.unit)})" if threshold else ""
        value = f"{format_value(reading.value, indicator):<8} {limits}".rstrip()
        return _with_fault(value, reading.fault)

    def _alert(self, alert: Alert) -> str:
        handling = "" if alert.handling is AlertHandling.ACTIVE else alert.handling.value
        since = f"for {age(alert.since, self._now)}" if alert.since else ""
        return _joined(handling, since, clean_line(alert.summary))

    def _backups(self, backups: Backups) -> str:
        if not backups.newest:
            return clean_line(backups.fault) or "none found"
        newest = f"{clean_line(backups.newest)} ({size(backups.size_bytes)})"
        known = f"{newest}, {age(backups.newest_at, self._now)} old, {backups.count} in all"
        if backups.recovery is not None:
            known += f", recovery point {recovery_note(backups.recovery, self._now)}"
        faults = (backups.fault, *(each.fault for each in backups.schedules))
        return _with_fault(known, "; ".join(filter(None, faults)))


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _with_fault(known: str, fault: str) -> str:
    return f"{known}; {clean_line(fault)}" if fault else known

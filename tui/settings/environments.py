"""One ``[environment.NAME]`` table becomes an Environment."""

import re
from collections.abc import Mapping

from procedures.environment import Environment, Intervals, Limits, Method, Tier
from procedures.errors import PolicyDataError, SettingsError
from procedures.reference.thresholds import Threshold, Worse
from procedures.runbook.problems import nearest
from tui.settings.backups import read_backup_dir, read_backups
from tui.settings.endpoints import EndpointReader
from tui.settings.table import Table
from tui.settings.targets import read_targets
from tui.settings.units import (
    address,
    api_address,
    health_address,
    metrics_address,
    seconds,
    size_bytes,
)

Known = Mapping[str, Threshold | None]
"""The indicators that exist, by id, with the thresholds that the settings may override."""

SETTABLE_TIERS = (Tier.DEVELOPMENT, Tier.STAGING, Tier.PRODUCTION)
"""Not the sandbox: a file that called a real deployment a sandbox would lower every guard."""

INTERVAL_RANGE_S = (1.0, 3600.0)
WINDOW_RANGE_S = (15.0, 86400.0)
BACKUP_AGE_RANGE_S = (60.0, 365 * 86400.0)
SOURCES = ("prometheus", "metrics", "health", "alertmanager")

_CONFIG_NAMESPACE = re.compile(r"[A-Za-z0-9/_-]{1,256}", re.ASCII)
LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def read_environment(
    name: str, table: Table, *, endpoints: EndpointReader, known: Known
) -> Environment:
    """Return the environment as far as it can be read; the rest is in ``table.problems``."""
    default = Environment(name=name, tier=Tier.PRODUCTION, method=Method.DOCKER)
    method = table.choice("method", tuple(Method))
    environment = Environment(
        name=name,
        tier=table.choice("tier", SETTABLE_TIERS),
        method=method,
        job=table.text("job", default=default.job),
        labels=_labels(table.table("labels")),
        fleet_label=table.text("fleet_label"),
        window_s=round(duration_within(table, "window", float(default.window_s), WINDOW_RANGE_S)),
        prometheus=endpoints.one(table, "prometheus", address),
        alertmanager=endpoints.one(table, "alertmanager", address),
        metrics=endpoints.many(table, "metrics", metrics_address),
        health=endpoints.one(table, "health", health_address),
        api=endpoints.one(table, "api", api_address),
        config_namespaces=_namespaces(table),
        backup_dir=read_backup_dir(table, endpoints=endpoints),
        backup_max_age_h=table.parsed("backup_max_age", seconds, default.backup_max_age_h * 3600)
        / 3600,
        backups=read_backups(table.table("backups")),
        data_dir=endpoints.path(table, "data_dir"),
        limits=read_limits(table.table("limits")),
        intervals=_intervals(table.table("intervals")),
        thresholds=_thresholds(table.table("thresholds"), known),
        facts=_facts(table.table("facts")),
        targets=read_targets(table.table("targets"), method, endpoints=endpoints),
        read_only=table.flag("read_only"),
    )
    table.close()
    # Of a target it is known what runs; the dashboard says what it has no source for.
    if not environment.targets and not any(source in table for source in SOURCES):
        table.problems.add(
            table.at,
            "names nothing to watch",
            fix=f"Give at least one of {', '.join(SOURCES)}, or a target",
        )
    return environment


def _labels(table: Table) -> Mapping[str, str]:
    labels = {name: table.text(name) for name in table}
    for name in labels:
        if not LABEL.fullmatch(name):
            table.refuse(name, "is no name of a label", fix="Use letters, digits and underscores")
    return labels


def _namespaces(table: Table) -> tuple[str, ...]:
    names = table.array("config_namespaces")
    if not all(isinstance(name, str) and _CONFIG_NAMESPACE.fullmatch(name) for name in names):
        table.refuse(
            "config_namespaces",
            "holds what is no name of a namespace",
            fix='Write names as the API knows them: ["app/llm"]',
        )
        return ()
    return tuple(map(str, names))


def read_limits(table: Table) -> Limits:
    """Return what the service may use."""
    default = Limits()
    limits = Limits(
        cpu_cores=table.number("cpu_cores", default.cpu_cores),
        memory_bytes=table.parsed("memory", size_bytes, default.memory_bytes),
        storage_bytes=table.parsed("storage", size_bytes, default.storage_bytes),
    )
    table.close()
    sizes = (limits.cpu_cores, limits.memory_bytes, limits.storage_bytes)
    for key, size in zip(("cpu_cores", "memory", "storage"), sizes, strict=True):
        if size <= 0:
            table.refuse(key, "must be more than nothing", fix="Write what the service may use")
    return limits


def _intervals(table: Table) -> Intervals:
    default = Intervals()

    def interval(key: str, otherwise: float) -> float:
        return duration_within(table, key, otherwise, INTERVAL_RANGE_S)

    intervals = Intervals(
        metrics_s=interval("metrics", default.metrics_s),
        health_s=interval("health", default.health_s),
        alerts_s=interval("alerts", default.alerts_s),
        backups_s=interval("backups", default.backups_s),
        disk_s=interval("disk", default.disk_s),
    )
    table.close()
    return intervals


def duration_within(table: Table, key: str, default: float, bounds: tuple[float, float]) -> float:
    """Return seconds; outside the bounds they are a problem of ``key``."""
    least, most = bounds

    def within(written: str) -> float:
        duration_s = seconds(written)
        if not least <= duration_s <= most:
            raise SettingsError(
                f"{written!r} is out of range", fix=f'Stay between "{least:g}s" and "{most:g}s"'
            )
        return duration_s

    return table.parsed(key, within, default)


def _thresholds(table: Table, known: Known) -> Mapping[str, Threshold]:
    overrides = {}
    for indicator in table:
        if indicator not in known:
            table.take(indicator)
            table.refuse(indicator, "is no indicator", fix=nearest(indicator, known))
        elif threshold := _threshold(table.table(indicator), known[indicator]):
            overrides[indicator] = threshold
    return overrides


def _threshold(table: Table, default: Threshold | None) -> Threshold | None:
    target = table.number("target", default.target if default else None)
    critical = table.number("critical", default.critical if default else None)
    table.close()
    if target is None or critical is None:
        table.problems.add(
            table.at, "has no thresholds of its own", fix="Give both target and critical"
        )
        return None
    worse = default.worse if default else Worse.HIGHER
    try:
        return Threshold(
            target=target,
            critical=critical,
            worse=worse,
            target_is_ok=bool(default and default.target_is_ok),
        )
    except PolicyDataError as error:
        side = "below" if worse is Worse.HIGHER else "above"
        table.problems.add(table.at, error.what, fix=f"Put the target {side} the critical limit")
        return None


def _facts(table: Table) -> Mapping[str, str]:
    facts = {name: table.text(name) for name in table}
    for name in facts:
        if not _VARIABLE.fullmatch(name):
            table.refuse(
                name, "is no name of a variable", fix="Use capitals, digits and underscores"
            )
    return facts

"""The ``[fleet]`` table: many environments and targets at once."""

from collections.abc import Mapping

from procedures.environment import Environment, Tier
from procedures.errors import SettingsError
from procedures.fleet.fleet import Fleet, FleetSettings, fleet_of
from procedures.runbook.problems import nearest
from tui.settings.endpoints import EndpointReader
from tui.settings.environments import (
    INTERVAL_RANGE_S,
    LABEL,
    SETTABLE_TIERS,
    WINDOW_RANGE_S,
    duration_within,
    read_limits,
)
from tui.settings.table import Table
from tui.settings.units import address

Environments = Mapping[str, Environment]

_NEEDS_A_SERVER = ("by", "job", "window", "tier", "limits")


def read_fleet(table: Table, endpoints: EndpointReader, environments: Environments) -> Fleet:
    """Return who is watched together; what is wrong is in ``table.problems``."""
    default = FleetSettings()
    settings = FleetSettings(
        by=table.parsed("by", _label, default.by),
        prometheus=endpoints.one(table, "prometheus", address),
        job=table.text("job", default=default.job),
        interval_s=duration_within(table, "interval", default.interval_s, INTERVAL_RANGE_S),
        window_s=round(duration_within(table, "window", float(default.window_s), WINDOW_RANGE_S)),
        environments=_names(table, environments),
        tier=table.choice("tier", SETTABLE_TIERS) if "tier" in table else Tier.PRODUCTION,
        limits=read_limits(table.table("limits")),
    )
    table.close()
    if "prometheus" not in table:
        for key in _NEEDS_A_SERVER:
            if key in table:
                table.refuse(
                    key,
                    "says nothing without a server that knows many targets",
                    fix="Add prometheus, or remove it",
                )
    fleet = fleet_of(settings, environments)
    if settings.prometheus is not None:
        _refuse_twins(table, fleet)
    return fleet


def _names(table: Table, environments: Environments) -> tuple[str, ...]:
    names = table.array("environments")
    if not all(isinstance(name, str) for name in names):
        table.refuse(
            "environments",
            "holds what is no name of an environment",
            fix='Write environments = ["production", "staging"]',
        )
        return ()
    known = tuple(dict.fromkeys(str(name) for name in names))
    for name in known:
        if name not in environments:
            table.refuse(
                "environments", f"'{name}' is no environment", fix=nearest(name, environments)
            )
    if "environments" in table and not known:
        table.refuse(
            "environments", "is empty", fix="Name some, or remove the line: then all take part"
        )
    return known


def _refuse_twins(table: Table, fleet: Fleet) -> None:
    """Report two environments that one value of the label means: only one row would be shown."""
    taken: dict[str, str] = {}
    for environment in fleet.environments.values():
        label = fleet.label_of(environment)
        if label in taken:
            table.problems.add(
                ("environment", environment.name),
                f"is {fleet.settings.by}={label} for the fleet, as {taken[label]} is",
                fix="Give each a fleet_label of its own",
            )
        taken[label] = environment.name


def _label(name: str) -> str:
    if not LABEL.fullmatch(name):
        raise SettingsError(
            f"{name!r} is no name of a label", fix='Write a label as Prometheus has it: "cluster"'
        )
    return name

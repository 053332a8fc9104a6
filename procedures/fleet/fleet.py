"""Which environments and targets make up the fleet, and how each is told from the others."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from procedures.environment import Endpoint, Environment, Intervals, Limits, Method, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSettings:
    """What the settings say of the fleet.

    Attributes:
        by: The label whose values tell the targets of one Prometheus server apart.
        prometheus: The server that knows many targets; None where each environment is asked by
            its own sources.
        job: Job label of the service there.
        interval_s: Seconds between two looks at all.
        window_s: Window of the rates there.
        environments: Names of those that take part; empty for all.
        tier: How much is at stake in a target that is no environment of the settings.
        limits: What such a target may use.
    """

    by: str = "environment"
    prometheus: Endpoint | None = None
    job: str = "llm-config-manager"
    interval_s: float = 5.0
    window_s: int = 300
    environments: tuple[str, ...] = ()
    tier: Tier = Tier.PRODUCTION
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """The settings of the fleet with the environments that take part, in the settings' order."""

    settings: FleetSettings = field(default_factory=FleetSettings)
    environments: Mapping[str, Environment] = field(default_factory=lambda: MappingProxyType({}))

    def label_of(self, environment: Environment) -> str:
        """Return the value of the label that means ``environment``."""
        return self.told_label_of(environment) or environment.name

    def told_label_of(self, environment: Environment) -> str:
        """Return the value that the settings themselves give; empty if it is only by its name."""
        return environment.fleet_label or environment.labels.get(self.settings.by, "")

    def by_label(self) -> Mapping[str, Environment]:
        """Return the environments by the value of the label that means each."""
        return {self.label_of(each): each for each in self.environments.values()}

    def target(self, label: str) -> Environment:
        """Return a target that no environment of the settings means, to be looked at only.

        Raises:
            ValueError: There is no server that knows targets.
        """
        settings = self.settings
        if settings.prometheus is None:
            raise ValueError("a fleet without a server has environments only")
        return Environment(
            name=label,
            tier=settings.tier,
            method=Method.DOCKER,
            job=settings.job,
            labels={settings.by: label},
            prometheus=settings.prometheus,
            limits=settings.limits,
            intervals=Intervals(metrics_s=settings.interval_s, alerts_s=settings.interval_s),
            window_s=settings.window_s,
            read_only=True,
            watch_only=True,
        )

    def read_only(self) -> "Fleet":
        """Return the same fleet, in which nothing is ever changed."""
        every = {name: replace(each, read_only=True) for name, each in self.environments.items()}
        return replace(self, environments=every)


def fleet_of(settings: FleetSettings, environments: Mapping[str, Environment]) -> Fleet:
    """Return the fleet that the settings describe; without any word, all environments."""
    names = settings.environments or tuple(environments)
    taking_part = {name: environments[name] for name in names if name in environments}
    return Fleet(settings=settings, environments=taking_part)

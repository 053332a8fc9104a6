"""What a search for the service finds, and where it could not look; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import MappingProxyType

from procedures.environment import TargetAddress


class Sureness(Enum):
    """How sure it is that a deployment is the service's."""

    CERTAIN = "certain"
    """Something there bears the service's own name."""
    LIKELY = "likely"
    """A name or an image there only contains it."""
    BESIDE = "beside"
    """Only what usually stands beside the service, such as its database."""


class Door(Enum):
    """What answers at an address; the values are keys of the settings."""

    HEALTH = "health"
    API = "api"
    METRICS = "metrics"
    PROMETHEUS = "prometheus"
    ALERTMANAGER = "alertmanager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A deployment that looks like the service's.

    Attributes:
        address: Where it is, as the settings would say it.
        sureness: How sure it is.
        place: Where it was found: ``engine unix:///run/docker.sock``, ``context prod``.
        sign: What it was recognised by: ``a service of that name``.
        is_here: Whether it runs on this machine.
        is_current: Whether the method's own tool means it when nothing else is said.
        beside: Names of what runs beside the service.
        facts: What the steps' commands need to reach it.
        note: What its settings do not hold and an operator has to see to; mostly empty.
    """

    address: TargetAddress
    sureness: Sureness
    place: str
    sign: str
    is_here: bool = False
    is_current: bool = False
    beside: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An address that may answer.

    Attributes:
        door: What would answer there.
        url: Base address; of HEALTH the whole one.
        project: The compose project that publishes it; empty for a usual address of this machine.
    """

    door: Door
    url: str
    project: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """A directory of this machine that the settings can name.

    Attributes:
        key: Of the settings: ``backup_dir``.
    """

    key: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Unasked:
    """A place that gave no answer, or not all of it.

    Attributes:
        place: ``docker``, ``context prod``.
        why: One line.
    """

    place: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one place, or all of them, told.

    Attributes:
        machine: Name of this machine; empty for one place alone.
        candidates: Addresses that are worth a try.
        answering: Those that were tried, and answered.
    """

    machine: str = ""
    deployments: tuple[Deployment, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    answering: tuple[Candidate, ...] = ()
    directories: tuple[Directory, ...] = ()
    unasked: tuple[Unasked, ...] = ()

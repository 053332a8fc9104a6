"""One deployment that the console watches and acts on, as the settings describe it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import MappingProxyType

from procedures.backups.settings import BackupSettings
from procedures.reference.thresholds import Threshold


class Tier(Enum):
    """How much is at stake."""

    DEVELOPMENT = "development"
    STAGING = "staging"
    PRODUCTION = "production"
    SANDBOX = "sandbox"


class Method(Enum):
    """How the service is deployed."""

    DOCKER = "docker"
    KUBERNETES = "kubernetes"
    SYSTEMD = "systemd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """Where a secret comes from; exactly one is set. ``repr`` tells no value and no argument.

    Attributes:
        inline: The value itself, from a settings file that only its owner may read.
        env: Name of an environment variable.
        file: A file whose content, stripped of white space at the end, is the secret.
        command: An argument list whose standard output is the secret.
    """

    inline: str = field(default="", repr=False)
    env: str = ""
    file: Path | None = None
    command: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An HTTP address with what is needed to be let in.

    Attributes:
        url: Base address without a trailing slash.
        bearer: Token for ``Authorization: Bearer``.
        username: For basic authentication, with ``password``.
        ca_bundle: Certificates to trust instead of the system's.
        client_cert: Client certificate (PEM), with ``client_key``.
        headers: Further headers, such as ``X-Forwarded-Proto`` behind a trusted proxy.
    """

    url: str
    bearer: Secret | None = None
    username: str = ""
    password: Secret | None = None
    ca_bundle: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervals:
    """Seconds between two questions to each kind of source."""

    metrics_s: float = 5.0
    health_s: float = 5.0
    alerts_s: float = 5.0
    backups_s: float = 60.0
    disk_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the service may use: the denominators of CPU, memory and storage."""

    cpu_cores: float = 2.0
    memory_bytes: float = 2.0 * 1024**3
    storage_bytes: float = 50.0 * 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetAddress:
    """Where one deployment is found; what is empty is found as the method's own tools find it.

    Attributes:
        name: As the settings name it; shown.
        service: Name of the workload that is the service itself.
        context: Context of the kubeconfig; empty for the one that is current at the first question.
        kubeconfig: Instead of those of ``$KUBECONFIG``.
        namespace: Of Kubernetes.
        selector: Labels that pods and workloads must have (``app=llm-config-manager``); empty for
            all of the namespace.
        project: Name of the compose project.
        engine: Address of the Docker engine: ``unix:///run/docker.sock``.
        units: Names of systemd units and timers, or patterns (``llm-config-*``); the service's own
            is always among them.
    """

    name: str
    method: Method
    service: str = "llm-config-manager"
    context: str = ""
    kubeconfig: Path | None = None
    namespace: str = ""
    selector: str = ""
    project: str = ""
    engine: str = ""
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One named environment of the settings.

    Attributes:
        name: As the settings name it; what an operator types to confirm.
        job: Prometheus job label of the service.
        labels: What else its series are labelled with, where a server holds those of several.
        fleet_label: Value of the fleet's label that means this environment; empty for its name.
        prometheus: None when there is no server; then ``metrics`` is scraped.
        metrics: Base addresses of the service's own ``/metrics``, one an instance.
        health: Address of the health endpoint, complete with its path.
        api: Base address of the configuration API, without ``/api/v1``.
        history_url: Address of past samples (exposition text with timestamps) to begin from,
            for a service that keeps some; empty for none.
        config_namespaces: Namespaces of the configuration API whose versions are watched.
        backup_dir: Where backups lie; None when the console cannot see them.
        backup_max_age_h: Hours after which the newest backup is too old.
        backups: Where else backups lie, and what is expected of them.
        data_dir: A directory on the file system that holds the service's data.
        thresholds: Overrides by indicator id.
        facts: Further variables for the steps' environment (``COMPOSE_FILE``, ``NAMESPACE``…).
        targets: Deployments that are watched and acted on; the first of ``method`` is the one that
            steps and checks are about. Empty for one that is found by ``facts``.
        local_dirs: Directories of this machine, besides those named above, that checks may mean.
        step_path: Directories put before PATH for steps and for the tools of targets only.
        control: Address of the embedded sandbox's control interface; empty elsewhere.
        watch_only: Only its metrics are known: nothing is looked at or walked where it runs.
    """

    name: str
    tier: Tier
    method: Method
    job: str = "llm-config-manager"
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    fleet_label: str = ""
    prometheus: Endpoint | None = None
    alertmanager: Endpoint | None = None
    metrics: tuple[Endpoint, ...] = ()
    health: Endpoint | None = None
    api: Endpoint | None = None
    history_url: str = ""
    config_namespaces: tuple[str, ...] = ()
    backup_dir: Path | None = None
    backup_max_age_h: float = 25.0
    backups: BackupSettings = field(default_factory=BackupSettings)
    data_dir: Path | None = None
    limits: Limits = Limits()
    intervals: Intervals = Intervals()
    thresholds: Mapping[str, Threshold] = field(default_factory=lambda: MappingProxyType({}))
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    targets: tuple[TargetAddress, ...] = ()
    local_dirs: tuple[Path, ...] = ()
    step_path: tuple[Path, ...] = ()
    window_s: int = 300
    """Window of the indicators' rates; shorter reacts faster and is more restless."""
    control: str = ""
    read_only: bool = False
    watch_only: bool = False

    @property
    def has_backups(self) -> bool:
        """Whether the console can see where backups lie."""
        return self.backup_dir is not None or bool(self.backups.s3)

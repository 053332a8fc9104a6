"""Settings as an operator reads them: everything resolved, no secret shown."""

from collections.abc import Iterator, Mapping

from procedures.backups.settings import BackupSettings
from procedures.environment import Endpoint, Environment, Secret
from procedures.fleet.fleet import Fleet
from procedures.ledger.address import LedgerAddress
from procedures.targets.addresses import addresses_of
from tui.settings.document import Settings

Fields = Iterator[tuple[str, str]]


def describe(settings: Settings, only: str = "") -> str:
    """Return the resolved environments, or the one called ``only``, as text."""
    names = [only] if only else list(settings.environments)
    blocks = [f"file     {settings.path}", f"default  {settings.default or '(none)'}"]
    blocks += [f"procedures  {place}" for place in settings.procedures]
    blocks.append(f"policy   {settings.policy or '(that of the machine)'}")
    blocks.append(f"ledger   {describe_ledger(settings.ledger)}")
    blocks.append(f"fleet    {_fleet(settings.fleet)}")
    for name in names:
        blocks += ["", f"environment {name}"]
        blocks += [f"  {key:<16} {text}" for key, text in _fields(settings.environment(name))]
    return "\n".join(blocks)


def _fields(environment: Environment) -> Fields:
    yield "tier", environment.tier.value
    yield "method", environment.method.value
    yield "job", environment.job
    if environment.labels:
        yield "labels", " ".join(f"{name}={value}" for name, value in environment.labels.items())
    if environment.fleet_label:
        yield "fleet_label", environment.fleet_label
    yield "window", f"{environment.window_s}s"
    for key, endpoint in (
        ("prometheus", environment.prometheus),
        ("alertmanager", environment.alertmanager),
        *(("metrics", each) for each in environment.metrics),
        ("health", environment.health),
        ("api", environment.api),
    ):
        yield key, describe_endpoint(endpoint) if endpoint else "(none)"
    yield "backup_dir", str(environment.backup_dir or "(none)")
    yield "backup_max_age", f"{environment.backup_max_age_h:g}h"
    yield from _backups(environment.backups)
    yield "data_dir", str(environment.data_dir or "(none)")
    yield "limits", _limits(environment)
    yield "intervals", _intervals(environment)
    for indicator, threshold in environment.thresholds.items():
        yield (
            "threshold",
            (f"{indicator}: target {threshold.target:g}, critical {threshold.critical:g}"),
        )
    if environment.config_namespaces:
        yield "namespaces", " ".join(environment.config_namespaces)
    yield from _targets(environment)
    yield from _facts(environment.facts)
    yield "read_only", "yes" if environment.read_only else "no"


def _fleet(fleet: Fleet) -> str:
    settings = fleet.settings
    ways = [f"environments {' '.join(fleet.environments)}"]
    if settings.prometheus:
        ways += [
            f"targets by {settings.by} of job {settings.job}",
            describe_endpoint(settings.prometheus),
            f"every {settings.interval_s:g}s over {settings.window_s}s",
        ]
    return "; ".join(ways)


def describe_endpoint(endpoint: Endpoint) -> str:
    """Return the address and how the console is let in, without what lets it in."""
    ways = [endpoint.url]
    if endpoint.bearer:
        ways.append(f"bearer from {describe_secret(endpoint.bearer)}")
    if endpoint.username and endpoint.password:
        source = describe_secret(endpoint.password)
        ways.append(f"user {endpoint.username}, password from {source}")
    if endpoint.client_cert:
        ways.append(f"client certificate {endpoint.client_cert}")
    if endpoint.ca_bundle:
        ways.append(f"trusting {endpoint.ca_bundle}")
    if endpoint.headers:
        ways.append(f"headers {', '.join(endpoint.headers)}")
    return "; ".join(ways)


def describe_ledger(address: LedgerAddress | None) -> str:
    """Return where the record is and how the console is let in, without what lets it in."""
    if address is None:
        return "(that of the machine)"
    if address.password is None:
        return address.url
    return f"{address.url}; password from {describe_secret(address.password)}"


def describe_secret(secret: Secret) -> str:
    """Return where the secret comes from."""
    if secret.env:
        return f"${secret.env}"
    if secret.file:
        return f"file {secret.file}"
    if secret.command:
        # Only the program: an argument may itself be a secret.
        return f"command {secret.command[0]}"
    return "the settings file"


def _limits(environment: Environment) -> str:
    limits = environment.limits
    return (
        f"{limits.cpu_cores:g} cores, memory {_gib(limits.memory_bytes)}, "
        f"storage {_gib(limits.storage_bytes)}"
    )


def _gib(size_bytes: float) -> str:
    return f"{size_bytes / 1024**3:.4g}GiB"


def _intervals(environment: Environment) -> str:
    intervals = environment.intervals
    return (
        f"metrics {intervals.metrics_s:g}s, health {intervals.health_s:g}s, "
        f"alerts {intervals.alerts_s:g}s, backups {intervals.backups_s:g}s, "
        f"disk {intervals.disk_s:g}s"
    )


def _backups(backups: BackupSettings) -> Fields:
    if backups.s3:
        ways = [backups.s3]
        ways += [f"profile {backups.s3_profile}"] if backups.s3_profile else []
        ways += [f"at {backups.s3_endpoint}"] if backups.s3_endpoint else []
        yield "backups s3", "; ".join(ways)
    for schedule, limits in backups.schedules.items():
        said = []
        if limits.max_age_s is not None:
            said.append(f"no older than {limits.max_age_s / 3600:g}h")
        if limits.keep is not None:
            said.append(f"{limits.keep} kept")
        if limits.minimum_bytes is not None:
            said.append(f"at least {limits.minimum_bytes:.0f} bytes")
        yield "backups", f"{schedule.value}: {', '.join(said) or 'expected'}"
    if backups.rpo_s is not None:
        yield "backups rpo", f"{backups.rpo_s / 60:g}m"
    if backups.minimum_bytes > 1:
        yield "backups minimum", f"{backups.minimum_bytes:.0f} bytes"


def _targets(environment: Environment) -> Fields:
    for each in addresses_of(environment):
        said = {
            "service": each.service,
            "context": each.context,
            "kubeconfig": str(each.kubeconfig or ""),
            "namespace": each.namespace,
            "selector": each.selector,
            "project": each.project,
            "engine": each.engine,
            "units": " ".join(each.units),
        }
        words = [f"{key} {text}" for key, text in said.items() if text]
        yield "target", f"{each.name}: {each.method.value}, {', '.join(words)}"


def _facts(facts: Mapping[str, str]) -> Fields:
    for name, value in facts.items():
        yield "fact", f"{name}={value}"

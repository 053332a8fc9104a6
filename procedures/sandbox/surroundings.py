"""A running sandbox as an environment of the console."""

import sys
from types import MappingProxyType

from procedures.backups.settings import BackupSettings
from procedures.environment import (
    Endpoint,
    Environment,
    Intervals,
    Method,
    TargetAddress,
    Tier,
)
from procedures.sandbox.shim_files import COMPOSE_PROJECT, PACKAGE_ROOT
from procedures.sandbox.state_dir import Record, StateDir

_READS_DUMPS = (
    f"import sys; sys.path.append({str(PACKAGE_ROOT)!r}); "
    "from procedures.sandbox.postgres.read_dump import main; sys.exit(main())"
)


def environment_of(state: StateDir, record: Record) -> Environment:
    """Return the environment that a running sandbox is."""
    return Environment(
        name="sandbox",
        tier=Tier.SANDBOX,
        method=Method(record.method),
        metrics=tuple(Endpoint(url=url) for url in record.replicas),
        health=Endpoint(url=f"{record.front}/health"),
        api=Endpoint(url=record.front),
        history_url=f"{record.control}/history",
        backup_dir=state.backups,
        backups=BackupSettings(
            memory=state.path / "verified-backups.json",
            # Its dumps are those of no server.
            dump_reader=(sys.executable, "-ISP", "-c", _READS_DUMPS),
        ),
        data_dir=state.data,
        intervals=Intervals(metrics_s=4.0, health_s=4.0),
        facts=MappingProxyType(
            {
                "BINARY": str(state.binary),
                "COMPOSE_FILE": str(state.compose_file),
                "COMPOSE_PROJECT_NAME": COMPOSE_PROJECT,
                "CONFIG_DIR": str(state.config),
                "NAMESPACE": "llm-config",
                "DEPLOYMENT": "llm-config-manager",
                "KUBE_CONTEXT": "sandbox",
                "UNIT": "llm-config-manager",
                "PROJECT_DIR": str(state.project),
                "SECRETS_FILE": str(state.secrets_file),
                "UNIT_DIR": str(state.units),
                "LOG_DIR": str(state.service_logs),
            }
        ),
        targets=(_target(state, record),),
        local_dirs=(state.path,),
        step_path=(state.shims,),
        window_s=60,
        control=record.control,
    )


def _target(state: StateDir, record: Record) -> TargetAddress:
    """Return where the deployment that the sandbox poses as is found."""
    method = Method(record.method)
    match method:
        case Method.DOCKER:
            return TargetAddress(
                name="sandbox", method=method, engine=record.engine, project=COMPOSE_PROJECT
            )
        case Method.KUBERNETES:
            return TargetAddress(
                name="sandbox",
                method=method,
                kubeconfig=state.kubeconfig,
                context="sandbox",
                namespace="llm-config",
            )
        case Method.SYSTEMD:
            return TargetAddress(name="sandbox", method=method)

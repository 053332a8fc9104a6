"""What the cluster holds for the service: claims, settings, secrets and jobs."""

import base64

from procedures.sandbox.control_client import Control
from procedures.sandbox.kept import Kept
from procedures.sandbox.premises import secrets_of
from procedures.sandbox.shims.kube_made import Object, made, time_text
from procedures.sandbox.shims.kube_names import APP, NAMESPACE
from procedures.sandbox.shims.observed import Observed

_CLAIMS = {
    "llm-config-data": "50Gi",
    "llm-config-cache": "20Gi",
    "llm-config-backups": "100Gi",
    "llm-config-logs": "10Gi",
    "postgres-data": "50Gi",
    "redis-data": "10Gi",
    "prometheus-data": "30Gi",
    "grafana-data": "5Gi",
}


def claims(seen: Observed, _: Control, __: Kept) -> list[Object]:
    """Return the volume claims."""
    return [
        made(
            "PersistentVolumeClaim",
            name,
            seen,
            spec={
                "volumeName": f"pvc-{name}",
                "storageClassName": "standard",
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": size}},
            },
            status={"phase": "Bound", "capacity": {"storage": size}},
        )
        for name, size in _CLAIMS.items()
    ]


def volumes(seen: Observed, control: Control, kept: Kept) -> list[Object]:
    """Return the volumes of the claims."""
    return [
        made(
            "PersistentVolume",
            claim["spec"]["volumeName"],
            seen,
            spec={
                "capacity": claim["status"]["capacity"],
                "storageClassName": "standard",
                "accessModes": ["ReadWriteOnce"],
                "persistentVolumeReclaimPolicy": "Retain",
                "claimRef": {"name": claim["metadata"]["name"], "namespace": NAMESPACE},
            },
            status={"phase": "Bound"},
        )
        for claim in claims(seen, control, kept)
    ]


def config_maps(seen: Observed, control: Control, kept: Kept) -> list[Object]:
    """Return the config maps."""
    data = {
        "LLM_CONFIG_ENVIRONMENT": "production",
        "RUST_LOG": "info",
        "CACHE_L1_SIZE": "10000",
        "CACHE_L1_TTL_SECONDS": "3600",
        "CACHE_L2_ENABLED": "true",
        "SERVER_WORKERS": "4",
        "STORAGE_TYPE": "postgres",
        "DATABASE_HOST": "postgres-service",
        "DATABASE_MAX_CONNECTIONS": "20",
        "REDIS_HOST": "redis-service",
        "AUDIT_RETENTION_DAYS": "365",
        "config.yaml": (control.state.config / "config.yaml").read_text(),
        **kept.under("configmap"),
    }
    return [
        made("ConfigMap", f"{APP}-config", seen, data=data),
        made("ConfigMap", "kube-root-ca.crt", seen, data={"ca.crt": "sandbox"}),
    ]


def secrets(seen: Observed, control: Control, _: Kept) -> list[Object]:
    """Return the secrets."""
    known_secrets = secrets_of(control.state)
    database = known_secrets.get("DB_PASSWORD", "")
    values: dict[str, dict[str, str]] = {
        f"{APP}-secrets": {
            "ENCRYPTION_KEY": known_secrets.get("ENCRYPTION_KEY", ""),
            "DATABASE_PASSWORD": database,
            "REDIS_PASSWORD": known_secrets.get("REDIS_PASSWORD", ""),
            "API_TOKEN_SECRET": known_secrets.get("GRAFANA_ADMIN_PASSWORD", ""),
        },
        "postgres-secrets": {
            "POSTGRES_PASSWORD": database,
            "POSTGRES_USER": "llm_config_user",
            "POSTGRES_DB": "llm_config",
        },
        "redis-secrets": {"REDIS_PASSWORD": known_secrets.get("REDIS_PASSWORD", "")},
        "llm-config-tls-cert": {
            "tls.crt": _file(control, "server.crt"),
            "tls.key": _file(control, "server.key"),
        },
    }
    found = []
    for name, fields in values.items():
        kind = "kubernetes.io/tls" if "tls" in name else "Opaque"
        data = {k: base64.b64encode(v.encode()).decode() for k, v in fields.items()}
        found.append(made("Secret", name, seen, type=kind, data=data))
    return found


def _file(control: Control, name: str) -> str:
    path = control.state.config / "certs" / name
    return path.read_text() if path.exists() else ""


def jobs(seen: Observed, _: Control, kept: Kept) -> list[Object]:
    """Return the jobs that were made by hand."""
    return [
        made(
            "Job",
            name,
            seen,
            spec={"completions": 1},
            status={
                "succeeded": 1,
                "startTime": time_text(at),
                "completionTime": time_text(at),
                "conditions": [{"type": "Complete", "status": "True"}],
            },
        )
        for name, at in kept.under("job").items()
    ]


def cron_jobs(seen: Observed, _: Control, kept: Kept) -> list[Object]:
    """Return the cron jobs."""
    return [
        made(
            "CronJob",
            "llm-config-backup",
            seen,
            spec={
                "schedule": "0 2 * * *",
                "suspend": bool(kept.get("cronjob.suspend", False)),
                "concurrencyPolicy": "Forbid",
            },
            status={"lastScheduleTime": time_text(_last_two_o_clock(seen.now))},
        )
    ]


def _last_two_o_clock(now: float) -> float:
    return now - (now - 2 * 3_600) % 86_400

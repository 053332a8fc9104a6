"""The files of the installation that the sandbox poses as: configuration, secrets, programs."""

import base64
import hashlib
import json
import re
import secrets
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from procedures.sandbox import premises_texts
from procedures.sandbox.seed import SEED
from procedures.sandbox.state_dir import StateDir, write_whole

_OPENSSL_TIMEOUT_S = 20


def furnish(state: StateDir) -> None:
    """Write what is missing; what an operator has changed stays."""
    _secrets(state)
    _write(state.config / "config.yaml", premises_texts.CONFIG, 0o640)
    _write(state.config / "environment", premises_texts.ENVIRONMENT, 0o600)
    _write(state.project / "config" / "production.yaml", premises_texts.CONFIG, 0o644)
    _write(state.compose_file, premises_texts.COMPOSE, 0o644)
    for name, text in premises_texts.UNITS.items():
        _write(state.units / name, text.replace("@BINARY@", str(state.binary)), 0o644)
    _write(state.binary, premises_texts.BINARY, 0o755)
    before = premises_texts.BINARY.replace("0.5.0", "0.4.9")
    _write(state.binary.with_suffix(".backup"), before, 0o755)
    _write(state.service_logs / "application.log", "", 0o640)
    _write(state.service_logs / "audit" / "audit.log", premises_texts.AUDIT, 0o640)
    _files(state)
    server = state.database_server
    for folder in ("global", "pg_wal"):
        (server / folder).mkdir(exist_ok=True)
    _write(server / "PG_VERSION", "16\n", 0o600)
    _write(server / "global" / "pg_control", "\0" * 8_192, 0o600)
    _write(server / "postgresql.auto.conf", "", 0o600)
    _certificate(state)


def secrets_of(state: StateDir) -> Mapping[str, str]:
    """Return the secrets of ``.env`` by name; empty while there is no such file."""
    try:
        text = state.dotenv.read_text()
    except OSError:
        return {}
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", text, re.MULTILINE))


def _secrets(state: StateDir) -> None:
    dotenv = {
        "ENCRYPTION_KEY": _random(32),
        "DB_PASSWORD": _random(24),
        "REDIS_PASSWORD": _random(24),
        "GRAFANA_ADMIN_USER": "admin",
        "GRAFANA_ADMIN_PASSWORD": _random(16),
        "ENVIRONMENT": "production",
    }
    _write(state.dotenv, _assignments(dotenv), 0o600)
    known = secrets_of(state)
    unit = {
        "LLM_CONFIG_ENCRYPTION_KEY": known.get("ENCRYPTION_KEY", _random(32)),
        "DATABASE_PASSWORD": known.get("DB_PASSWORD", _random(24)),
        "REDIS_PASSWORD": known.get("REDIS_PASSWORD", _random(24)),
        "API_TOKEN_SECRET": _random(32),
    }
    _write(state.secrets_file, _assignments(unit), 0o600)
    _write(state.config / "secrets" / "jwt.secret", f"{_random(32)}\n", 0o600)


def _files(state: StateDir) -> None:
    """Write the service's file store: a file for each namespace, and the cache's second tier."""
    for namespace, entries in SEED.items():
        name = f"{namespace.replace('/', '-')}.json"
        for folder in ("configs", "versions"):
            place = state.data / "data" / folder
            place.mkdir(exist_ok=True)
            _write(place / name, json.dumps({"namespace": namespace, **entries}, indent=1), 0o640)
        digest = hashlib.sha256(namespace.encode()).hexdigest()[:16]
        _write(state.data / "cache" / f"{digest}.bin", secrets.token_hex(512), 0o640)


def _certificate(state: StateDir) -> None:
    """Let openssl make a self-signed certificate; without openssl there is none."""
    certificate = state.config / "certs" / "server.crt"
    openssl = shutil.which("openssl")
    if certificate.exists() or openssl is None:
        return
    key = certificate.with_suffix(".key")
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "365", "-subj", "/CN=api.llm-config.example.com"),
            *("-addext", "subjectAltName=DNS:api.llm-config.example.com,DNS:localhost"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_OPENSSL_TIMEOUT_S,
        check=False,
    )
    if key.exists():
        key.chmod(0o600)


def _write(path: Path, text: str, mode: int) -> None:
    if not path.exists():
        write_whole(path, text, mode)
        path.chmod(mode)


def _random(size_bytes: int) -> str:
    return base64.b64encode(secrets.token_bytes(size_bytes)).decode()


def _assignments(values: Mapping[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in values.items())

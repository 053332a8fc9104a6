"""Images and volumes of the Docker engine."""

import hashlib

from procedures.sandbox.control_client import Control
from procedures.sandbox.kept import Kept
from procedures.sandbox.shims.containers import SERVICES
from procedures.sandbox.shims.usage import ToolError

VOLUMES = (
    *("llm-config-data", "llm-config-cache", "llm-config-backups", "llm-config-logs"),
    *("redis-data", "postgres-data", "prometheus-data", "grafana-data", "alertmanager-data"),
)
"""As the compose file names them; the engine puts the project's name before."""
_VERSIONS = ("latest", "0.5.0", "0.4.9", "1.0.0")
PROJECT = "llm-config"


def tags(control: Control) -> dict[str, str]:
    """Return the id of every image by its name with its tag."""
    shipped = [image for image, _, _ in SERVICES.values()]
    shipped += [f"llm-config-manager:{version}" for version in _VERSIONS]
    found = {name: _digest(name) for name in shipped}
    found["llm-config-manager:latest"] = found["llm-config-manager:0.5.0"]
    found["llm-config-manager:previous"] = found["llm-config-manager:0.4.9"]
    return {**found, **Kept(control.state.kept).get("docker.tags", {})}


def image_id(control: Control, name: str) -> str:
    """Return the id of an image that is named by tag or id; the engine's error if there is none."""
    known = tags(control)
    full = name if ":" in name.rpartition("/")[2] else f"{name}:latest"
    if full in known:
        return known[full]
    for digest in known.values():
        if digest == name or digest.removeprefix("sha256:").startswith(name):
            return digest
    raise ToolError(f"Error response from daemon: No such image: {full}")


def tag(control: Control, source: str, target: str) -> None:
    """Give an image another name."""
    kept = Kept(control.state.kept)
    full = target if ":" in target.rpartition("/")[2] else f"{target}:latest"
    kept.set("docker.tags", {**kept.get("docker.tags", {}), full: image_id(control, source)})


def volumes() -> list[str]:
    """Return the volumes as the engine names them."""
    return [f"{PROJECT}_{name}" for name in VOLUMES]


def insist_on_this_engine(control: Control, host: str | None, context: str | None) -> None:
    """Refuse a command that is meant for another engine, as if that one were down."""
    if context not in {None, "default"}:
        raise ToolError(f'context "{context}": context not found')
    if host is None:
        return
    record = control.state.read_record()
    if record is None or host != record.engine:
        raise ToolError(
            f"Cannot connect to the Docker daemon at {host}. Is the docker daemon running?"
        )


def _digest(name: str) -> str:
    return f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"

"""A container as ``docker inspect`` and the engine's API show it."""

from collections.abc import Mapping

from procedures.sandbox.control_client import Control
from procedures.sandbox.kept import Kept
from procedures.sandbox.shims import docker_store
from procedures.sandbox.shims.containers import SERVICES, Container

LIMIT_BYTES = 2048 * 1024**2
NETWORK = f"{docker_store.PROJECT}_default"


def details(control: Control, container: Container) -> dict[str, object]:
    """Return a container as far as scripts and clients look into it."""
    program, *arguments = container.command.split()
    is_app = bool(container.process.ordinal)
    return {
        "Id": container.id,
        "Created": time_text(container.created_at),
        "Path": program,
        "Args": arguments,
        "Name": f"/{container.name}",
        "Image": docker_store.image_id(control, container.image),
        "RestartCount": 0,
        "Driver": "overlay2",
        "Platform": "linux",
        "State": _state(container),
        "Config": {
            "Hostname": container.id[:12],
            "Tty": False,
            "Cmd": container.command.split(),
            "Image": container.image,
            "ExposedPorts": {port: {} for port in exposed(container.service)},
            "Labels": labels(control, container),
        },
        "HostConfig": {
            "Memory": memory_limit(control) if is_app else 0,
            "NanoCpus": 2_000_000_000 if is_app else 0,
            "NetworkMode": NETWORK,
            "PortBindings": {},
            "RestartPolicy": {"Name": "unless-stopped", "MaximumRetryCount": 0},
            "LogConfig": {"Type": "json-file", "Config": {}},
        },
        "Mounts": [
            {"Type": "volume", "Name": name, "Destination": "/var/lib/llm-config/data"}
            for name in docker_store.volumes()[:1]
            if is_app
        ],
        "NetworkSettings": {
            "Ports": dict.fromkeys(exposed(container.service)),
            "Networks": {NETWORK: {"IPAddress": f"172.28.0.{len(container.name)}"}},
        },
    }


def labels(control: Control, container: Container) -> dict[str, str]:
    """Return what compose writes on its containers."""
    compose = {
        "project": docker_store.PROJECT,
        "service": container.service,
        "container-number": str(container.process.ordinal or 1),
        "oneoff": "False",
        "project.config_files": str(control.state.compose_file),
        "project.working_dir": str(control.state.project),
        "version": "2.26.1",
    }
    return {f"com.docker.compose.{name}": value for name, value in compose.items()}


def exposed(service: str) -> list[str]:
    """Return the ports that a service listens on, as ``6379/tcp``."""
    return [port.rpartition("->")[2] for port in SERVICES[service][2].split(", ")]


def memory_limit(control: Control) -> int:
    """Return the bytes at which an API replica would be killed."""
    limit: int = Kept(control.state.kept).get("docker.memory") or LIMIT_BYTES
    return limit


def time_text(at: float) -> str:
    """Return a Unix time as the engine writes it."""
    from datetime import UTC, datetime  # few commands want it

    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _state(container: Container) -> Mapping[str, object]:
    process = container.process
    health = {"Status": container.health, "FailingStreak": 0, "Log": []}
    return {
        "Status": container.state,
        "Running": process.running,
        "Paused": False,
        "Restarting": False,
        "OOMKilled": False,
        "Dead": False,
        "ExitCode": 0 if process.running else container.exit_code,
        "Error": "",
        "Pid": 1_000 + process.ordinal if process.running else 0,
        "StartedAt": time_text(process.started_at),
        "FinishedAt": time_text(process.ended_at),
        **({"Health": health} if container.health else {}),
    }

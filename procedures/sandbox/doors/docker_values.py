"""What the Docker engine's API answers, as JSON values; see the Engine API, version 1.45."""

from collections.abc import Mapping
from typing import Any

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims.containers import Container, containers
from procedures.sandbox.shims.docker_details import (
    NETWORK,
    exposed,
    labels,
    memory_limit,
    time_text,
)
from procedures.sandbox.shims.docker_store import image_id
from procedures.sandbox.shims.observed import Observed

API_VERSION = "1.45"
ENGINE_VERSION = "26.1.5"
_CORES = 4
_KERNEL = "6.1.0"
_NS = 1_000_000_000


def version() -> dict[str, object]:
    """Return ``/version``."""
    engine = {
        "ApiVersion": API_VERSION,
        "MinAPIVersion": "1.24",
        "GitCommit": "sandbox",
        "GoVersion": "go1.21.13",
        "Os": "linux",
        "Arch": "amd64",
        "KernelVersion": _KERNEL,
        "BuildTime": "2026-01-05T09:12:44.000000000+00:00",
    }
    return {
        "Platform": {"Name": "Sandbox"},
        "Version": ENGINE_VERSION,
        **engine,
        "Components": [{"Name": "Engine", "Version": ENGINE_VERSION, "Details": engine}],
    }


def info(found: list[Container]) -> dict[str, object]:
    """Return ``/info``."""
    running = sum(each.process.running for each in found)
    return {
        "ID": "sandbox",
        "Name": "sandbox",
        "Containers": len(found),
        "ContainersRunning": running,
        "ContainersPaused": 0,
        "ContainersStopped": len(found) - running,
        "Images": len({each.image for each in found}),
        "Driver": "overlay2",
        "LoggingDriver": "json-file",
        "CgroupDriver": "systemd",
        "CgroupVersion": "2",
        "ServerVersion": ENGINE_VERSION,
        "DockerRootDir": "/var/lib/docker",
        "OperatingSystem": "Quarterdeck sandbox",
        "OSType": "linux",
        "Architecture": "x86_64",
        "KernelVersion": _KERNEL,
        "NCPU": _CORES,
        "MemTotal": 16 * 1024**3,
        "Warnings": None,
        "SecurityOptions": ["name=seccomp,profile=builtin"],
    }


def row(container: Container, control: Control) -> dict[str, Any]:
    """Return a container as ``/containers/json`` lists it."""
    ports = [port.split("/") for port in exposed(container.service)]
    return {
        "Id": container.id,
        "Names": [f"/{container.name}"],
        "Image": container.image,
        "ImageID": image_id(control, container.image),
        "Command": container.command,
        "Created": int(container.created_at),
        "Ports": [{"PrivatePort": int(n), "Type": kind} for n, kind in ports]
        if container.process.running
        else [],
        "Labels": labels(control, container),
        "State": container.state,
        "Status": container.status,
        "HostConfig": {"NetworkMode": NETWORK},
        "NetworkSettings": {"Networks": {NETWORK: {}}},
        "Mounts": [],
    }


def rows(seen: Observed, control: Control) -> list[tuple[Container, dict[str, Any]]]:
    """Return all containers with their rows, the newest first as the engine does."""
    found = [(each, row(each, control)) for each in containers(seen, control)]
    return sorted(found, key=lambda pair: pair[0].process.started_at, reverse=True)


def stats(container: Container, control: Control, *, one_shot: bool) -> dict[str, object]:
    """Return one sample of what a container uses; nothing of one that is down.

    Args:
        container: Whose.
        control: Knows its limit.
        one_shot: Leave the earlier sample out, which the engine would have to wait for.
    """
    process, now = container.process, container.now
    base = {
        "name": f"/{container.name}",
        "id": container.id,
        "num_procs": 0,
        "storage_stats": {},
    }
    if not process.running:
        never = "0001-01-01T00:00:00Z"
        empty = {"read": never, "preread": never, "pids_stats": {}, "memory_stats": {}}
        return {**base, **empty, "cpu_stats": _cpu(0, None), "precpu_stats": _cpu(0, None)}
    used_s = process.cpu_s or process.cpu_cores * (now - process.started_at)
    before_s = max(0.0, used_s - process.cpu_cores)
    cache = round(process.memory_bytes / 8)
    limit = memory_limit(control) if process.ordinal else 16 * 1024**3
    return {
        **base,
        "read": time_text(now),
        "preread": "0001-01-01T00:00:00Z" if one_shot else time_text(now - 1),
        "pids_stats": {"current": 9, "limit": 4_096},
        "blkio_stats": {"io_service_bytes_recursive": None},
        "cpu_stats": _cpu(used_s, now),
        "precpu_stats": _cpu(0, None) if one_shot else _cpu(before_s, now - 1),
        "memory_stats": {
            "usage": round(process.memory_bytes) + cache,
            "stats": {"inactive_file": cache},
            "limit": limit,
        },
        "networks": {"eth0": {"rx_bytes": 12_400_000, "tx_bytes": 9_810_000}},
    }


def _cpu(used_s: float, now: float | None) -> Mapping[str, object]:
    usage = {
        "total_usage": round(used_s * _NS),
        "usage_in_kernelmode": round(used_s * _NS / 5),
        "usage_in_usermode": round(used_s * _NS * 4 / 5),
    }
    throttling = {"periods": 0, "throttled_periods": 0, "throttled_time": 0}
    if now is None:
        return {"cpu_usage": usage, "throttling_data": throttling}
    return {
        "cpu_usage": usage,
        "system_cpu_usage": round(now * _CORES) * _NS,
        "online_cpus": _CORES,
        "throttling_data": throttling,
    }

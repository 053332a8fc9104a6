"""Which compose project is meant, and what its containers' labels tell of it."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from procedures.errors import SourceError
from procedures.targets.docker.actions import Known
from procedures.targets.docker.units import (
    CONFIG_FILES,
    ENVIRONMENT_FILE,
    NUMBER,
    ONE_OFF,
    PROJECT,
    SERVICE,
    WORKING_DIR,
    labels_of,
)

Json = Mapping[str, Any]


def project_filter(project: str) -> dict[str, list[str]]:
    """Return how the engine is asked for the containers of a project alone."""
    return {"label": [f"{PROJECT}={project}", f"{ONE_OFF}=False"]}


def projects_of(listed: Iterable[Json]) -> list[str]:
    """Return the names of the projects that some containers belong to."""
    return sorted({labels_of(each).get(PROJECT, "") for each in listed} - {""})


def only_project(listed: Iterable[Json], service: str) -> str:
    """Return the one project that has the service; SourceError if there are none, or several."""
    projects = projects_of(
        each
        for each in listed
        if labels_of(each).get(SERVICE) == service and labels_of(each).get(ONE_OFF) != "True"
    )
    if len(projects) == 1:
        return projects[0]
    if not projects:
        raise SourceError(
            f"no compose project of this engine has a service {service}",
            fix="Start it, or set `service` and `project` of the target",
        )
    raise SourceError(
        f"several compose projects have a service {service}: {', '.join(projects)}",
        fix="Set `project` of the target",
    )


def known_of(inspected: Iterable[Json]) -> dict[str, Known]:
    """Return, by service, what scaling needs to know; looks whether the files are here."""
    found: dict[str, Known] = {}
    for container in inspected:
        labels = labels_of(container)
        service = labels.get(SERVICE, "")
        if service in found:
            continue
        directory = labels.get(WORKING_DIR, "")
        files = tuple(
            str(Path(directory, file)) for file in labels.get(CONFIG_FILES, "").split(",") if file
        )
        found[service] = Known(
            files=files,
            missing=tuple(file for file in files if not Path(file).is_file()),
            directory=directory,
            variables=_present(labels.get(ENVIRONMENT_FILE, "")),
            fixed=_fixed(container, labels, service),
        )
    return found


def _present(file: str) -> str:
    return file if file.startswith("/") and Path(file).is_file() else ""


def _fixed(container: Json, labels: Mapping[str, str], service: str) -> str:
    """Return why a service cannot have a second container."""
    name = str(container.get("Name", "")).removeprefix("/")
    number = labels.get(NUMBER, "1")
    if not name.endswith((f"{service}-{number}", f"{service}_{number}")):
        return f"its name {name} is fixed"
    bindings = (container.get("HostConfig") or {}).get("PortBindings") or {}
    for port, hosts in bindings.items():
        for host in hosts or ():
            # A range, such as 8000-8010, gives each container a port of its own.
            if (host.get("HostPort") or "0").isdecimal() and int(host.get("HostPort") or 0):
                return f"port {port} is published as {host['HostPort']}"
    return ""

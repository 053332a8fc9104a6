"""Containers of an engine become compose projects that look like the service's; pure."""

import os
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from procedures.environment import Method, TargetAddress
from procedures.targets.detection.likeness import FAMILY, is_certain, is_text, is_usable, rank, sign
from procedures.targets.detection.values import (
    Candidate,
    Deployment,
    Door,
    Found,
    Sureness,
    Unasked,
)
from procedures.targets.docker.units import (
    CONFIG_FILES,
    ONE_OFF,
    PROJECT,
    SERVICE,
    WORKING_DIR,
    labels_of,
)

Json = Mapping[str, Any]

ENGINE_VARIABLES = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH")
"""Which engine is meant; a console that is started elsewhere needs the same."""

_API_PORT, _METRICS_PORT, _ALERTMANAGER_PORT = 8080, 9090, 9093


def stacks_of(listed: Iterable[Json], engine: str, variables: Mapping[str, str]) -> Found:
    """Return the projects that look like the service's, and the addresses that they publish.

    Args:
        listed: All containers, as the engine lists them.
        engine: Its address.
        variables: The environment of the ``docker`` command.
    """
    projects: dict[str, list[Json]] = {}
    loose: list[str] = []
    for container in listed:
        labels = labels_of(container)
        if labels.get(ONE_OFF) == "True":
            continue
        if project := labels.get(PROJECT, ""):
            projects.setdefault(project, []).append(container)
        elif _fit(container) is not None:
            loose.append(_name(container))
    deployments: list[Deployment] = []
    candidates: list[Candidate] = []
    for project in sorted(projects):
        if stack := _stack(project, projects[project], engine, variables):
            deployments.append(stack)
            candidates += _published(project, stack.address.service, projects[project], engine)
    return Found(
        deployments=tuple(deployments),
        candidates=tuple(dict.fromkeys(candidates)),
        unasked=tuple(
            Unasked(
                place=f"container {name}",
                why="it looks like the service and belongs to no compose project",
            )
            for name in sorted(loose)
        ),
    )


def _stack(
    project: str, containers: Sequence[Json], engine: str, variables: Mapping[str, str]
) -> Deployment | None:
    usable = [each for each in containers if is_usable(_name(each))]
    if not usable or not is_usable(project):
        return None
    fits = [(fit, _name(each), each) for each in usable if (fit := _fit(each)) is not None]
    if fits:
        fit, service, container = min(fits, key=lambda each: each[:2])
        sureness = Sureness.CERTAIN if is_certain(fit) else Sureness.LIKELY
        recognised = sign(fit, "service")
    elif FAMILY in project.lower():
        container = min(usable, key=_name)
        service, sureness = _name(container), Sureness.BESIDE
        recognised = f"a project with {FAMILY} in its name"
    else:
        return None
    names = {_name(each) for each in containers} - {service}
    return Deployment(
        address=TargetAddress(name="stack", method=Method.DOCKER, service=service, project=project),
        sureness=sureness,
        place=f"engine {engine}",
        sign=recognised,
        is_here=engine.startswith("unix:"),
        beside=tuple(sorted(names)),
        facts=MappingProxyType(_facts(project, service, labels_of(container), variables)),
    )


def _facts(
    project: str, service: str, labels: Mapping[str, str], variables: Mapping[str, str]
) -> dict[str, str]:
    directory = labels.get(WORKING_DIR, "")
    files = [str(Path(directory, each)) for each in labels.get(CONFIG_FILES, "").split(",") if each]
    if any(os.pathsep in each or not Path(each).is_absolute() for each in files):
        files = []
    facts = {
        **{name: variables.get(name, "") for name in ENGINE_VARIABLES},
        "COMPOSE_PROJECT_NAME": project,
        "COMPOSE_FILE": os.pathsep.join(files),
        "PROJECT_DIR": directory,
        "SERVICE": service,
    }
    return {name: value for name, value in facts.items() if is_text(value)}


def _published(
    project: str, service: str, containers: Sequence[Json], engine: str
) -> Iterable[Candidate]:
    for container in containers:
        name, image = _name(container), str(container.get("Image", ""))
        for port in sorted(container.get("Ports") or (), key=lambda each: str(each.get("IP"))):
            private, public = port.get("PrivatePort"), port.get("PublicPort")
            if not public or port.get("Type", "tcp") != "tcp":
                continue
            base = f"http://{_host(str(port.get('IP') or ''), engine)}:{public}"
            if name == service and private == _API_PORT:
                yield Candidate(door=Door.HEALTH, url=f"{base}/health", project=project)
                yield Candidate(door=Door.API, url=base, project=project)
            elif name == service and private == _METRICS_PORT:
                yield Candidate(door=Door.METRICS, url=base, project=project)
            elif private == _ALERTMANAGER_PORT and _is("alertmanager", name, image):
                yield Candidate(door=Door.ALERTMANAGER, url=base, project=project)
            elif private == _METRICS_PORT and _is("prometheus", name, image):
                yield Candidate(door=Door.PROMETHEUS, url=base, project=project)


def _is(word: str, name: str, image: str) -> bool:
    return word in f"{name} {image}".lower() and "exporter" not in name.lower()


def _host(published_at: str, engine: str) -> str:
    """Return the host of a published port; one of all interfaces is reached by the loopback."""
    if not engine.startswith("unix:"):
        host = urlsplit(engine).hostname or "localhost"
        return f"[{host}]" if ":" in host else host
    try:
        at = ip_address(published_at)
    except ValueError:
        return "localhost"
    if at.is_unspecified or at.is_loopback:
        return "localhost"
    return f"[{at}]" if at.version == 6 else str(at)


def _fit(container: Json) -> int | None:
    return rank(_name(container), (str(container.get("Image", "")),))


def _name(container: Json) -> str:
    """Return the name of a container's service, or its own where it has none."""
    names = container.get("Names") or [""]
    return labels_of(container).get(SERVICE) or str(names[0]).removeprefix("/")

"""The containers of one compose project, as the engine tells of them at one moment."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import docker
import docker.errors

from procedures.environment import TargetAddress
from procedures.errors import SourceError
from procedures.targets.docker.connection import Connection
from procedures.targets.docker.projects import only_project, project_filter, projects_of
from procedures.targets.docker.units import PROJECT, SERVICE, short

Json = Mapping[str, Any]
T = TypeVar("T")


class Looking:
    """Finds the project, once, and asks for each of its containers at the same time.

    Attributes:
        project: Its name; empty until it is found, where nobody gives it.
        images: Id of the image of each container that was seen, by id; of those there are now.
        digests: Digest in a registry, by id of the image; empty for one that was built here.
    """

    def __init__(
        self, connection: Connection, address: TargetAddress, variables: Mapping[str, str]
    ) -> None:
        self.project = address.project or variables.get("COMPOSE_PROJECT_NAME", "")
        self.images: dict[str, str] = {}
        self.digests: dict[str, str] = {}
        self._connection = connection
        self._service = address.service

    async def inspected(self) -> Sequence[Json]:
        """Return what the engine tells of each container, in no order; none is no error."""
        project = await self.found()
        listed = await self._connection.ask(
            lambda client: client.containers(all=True, filters=project_filter(project))
        )
        ids = [str(each["Id"]) for each in listed]
        found = await self._each(_inspect, ids)
        present = [each for each in found if each is not None]
        self.images = {str(each["Id"]): str(each.get("Image") or "") for each in present}
        await self._learn_digests(set(self.images.values()) - self.digests.keys())
        return present

    async def found(self) -> str:
        """Return the name of the project; SourceError if there is none, or more than one."""
        if not self.project:
            listed = await self._connection.ask(
                lambda client: client.containers(
                    all=True, filters={"label": [f"{SERVICE}={self._service}"]}
                )
            )
            self.project = only_project(listed, self._service)
        return self.project

    async def others(self) -> Sequence[str]:
        """Return the names of all compose projects of the engine."""
        listed = await self._connection.ask(
            lambda client: client.containers(all=True, filters={"label": [PROJECT]})
        )
        return projects_of(listed)

    async def image_of(self, container: str) -> None:
        """Learn the image of a container that was just created, if it is still there."""
        with suppress(SourceError):
            found = await self._connection.ask(partial(_inspect, key=container))
            if found is not None:
                self.images[container] = str(found.get("Image") or "")

    async def _learn_digests(self, images: Iterable[str]) -> None:
        images = list(images)
        found = await self._each(_digest, images)
        self.digests |= dict(zip(images, found, strict=True))

    async def _each(self, question: Callable[..., T], keys: Iterable[str]) -> Sequence[T]:
        asked = (self._connection.ask(partial(question, key=key)) for key in keys)
        return await asyncio.gather(*asked)


def _inspect(client: docker.APIClient, key: str) -> Json | None:
    try:
        found: Json = client.inspect_container(key)
    except docker.errors.NotFound:  # it was removed since it was listed
        return None
    return found


def _digest(client: docker.APIClient, key: str) -> str:
    try:
        found: Json = client.inspect_image(key)  # type: ignore[no-untyped-call]
    except docker.errors.APIError:  # it was removed, or the engine keeps no such thing
        return ""
    digests = found.get("RepoDigests") or [""]
    return short(str(digests[0]).rpartition("@")[2])

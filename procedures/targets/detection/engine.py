"""Asks the Docker engine, found as ``docker`` finds it, for compose projects like the service's."""

import asyncio
from collections.abc import Mapping

from procedures.environment import Method, TargetAddress
from procedures.errors import SourceError
from procedures.targets.detection.stacks import stacks_of
from procedures.targets.detection.values import Found, Unasked
from procedures.targets.docker.connection import Connection


async def look_at_engine(variables: Mapping[str, str], time_limit_s: float) -> Found:
    """Return what runs there; a fault becomes a place that could not be asked."""
    address = TargetAddress(name="engine", method=Method.DOCKER)
    connection = Connection(address, variables, time_limit_s=time_limit_s)
    try:
        async with asyncio.timeout(1.5 * time_limit_s):
            listed = await connection.ask(lambda client: client.containers(all=True))
        return stacks_of(listed, connection.where, variables)
    except SourceError as error:
        why = error.what
    except TimeoutError:
        why = f"{connection.where} gave no answer within {time_limit_s:g} s"
    finally:
        await connection.aclose()
    return Found(unasked=(Unasked(place="docker", why=why),))

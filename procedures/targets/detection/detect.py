"""Looks everywhere at once for the service."""

import asyncio
import os
from collections.abc import Mapping, Sequence

from procedures.clock import Clock
from procedures.targets.detection.doors import DIRECTORIES, USUAL, that_answer, that_exist
from procedures.targets.detection.values import Candidate, Directory, Found

TIME_LIMIT_S = 3.0


async def detect(
    variables: Mapping[str, str],
    clock: Clock,
    *,
    machine: str = "",
    usual: Sequence[Candidate] = USUAL,
    directories: Sequence[Directory] = DIRECTORIES,
    time_limit_s: float = TIME_LIMIT_S,
) -> Found:
    """Return all that looks like the service, and the places that could not be asked.

    Args:
        variables: The environment of the methods' own tools.
        clock: What time it is.
        machine: Name of this machine; that of the system by default.
        usual: Addresses that are tried whatever is found.
        directories: Those that are looked for.
        time_limit_s: Seconds for each place; of many contexts some wait for others.
    """
    # Before any limit begins: the clients take a while to load.
    from procedures.targets.detection.clusters import look_at_clusters
    from procedures.targets.detection.engine import look_at_engine
    from procedures.targets.detection.machine import look_at_units

    machine = machine or os.uname().nodename
    engine, units, clusters, answering, existing = await asyncio.gather(
        look_at_engine(variables, time_limit_s),
        look_at_units(variables, machine, time_limit_s),
        look_at_clusters(variables, clock, time_limit_s),
        that_answer(usual, time_limit_s),
        that_exist(directories, time_limit_s),
    )
    published = await that_answer(engine.candidates, time_limit_s)
    parts = (engine, units, clusters)
    return Found(
        machine=machine,
        deployments=tuple(one for each in parts for one in each.deployments),
        candidates=(*engine.candidates, *usual),
        answering=(*published, *answering),
        directories=existing,
        unasked=tuple(one for each in parts for one in each.unasked),
    )

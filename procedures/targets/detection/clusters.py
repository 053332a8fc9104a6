"""Asks every context of the kubeconfig for deployments like the service's."""

import asyncio
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from time import monotonic

from procedures.clock import Clock
from procedures.environment import Method, TargetAddress
from procedures.errors import SourceError
from procedures.targets.detection.likeness import is_text
from procedures.targets.detection.values import Found, Unasked
from procedures.targets.kubernetes import kubeconfig
from procedures.targets.kubernetes.in_cluster import access_within
from procedures.targets.kubernetes.kubeconfig import Kubeconfig

AT_ONCE = 8
"""Contexts that are asked at the same time: each may start a credential plugin."""

TURNS = 10
"""How many time limits all contexts together may take before the last ones go unasked."""


async def look_at_clusters(
    variables: Mapping[str, str], clock: Clock, time_limit_s: float
) -> Found:
    """Return what all contexts tell; a fault becomes a place that could not be asked.

    Args:
        variables: Where the kubeconfig is found, and the environment of its plugins.
        clock: What time it is.
        time_limit_s: Seconds for each context.
    """
    files = kubeconfig.files_of(None, variables)
    try:
        config = await asyncio.to_thread(kubeconfig.read, files)
    except SourceError as error:
        return Found(unasked=(Unasked(place="kubernetes", why=error.what),))
    contexts = _contexts(config)
    if not contexts:
        where = ", ".join(map(str, files))
        why = f"there is no kubeconfig: {where}" if config is None else f"{where} has no context"
        return Found(unasked=(Unasked(place="kubernetes", why=why),))
    return await _look_at_all(
        contexts, config or Kubeconfig(files=()), variables, clock, time_limit_s
    )


def _contexts(config: Kubeconfig | None) -> tuple[str, ...]:
    """Return the contexts to ask; one without a name is the cluster that this runs in."""
    if config is not None:
        return tuple(config.contexts)
    within = access_within(TargetAddress(name="cluster", method=Method.KUBERNETES))
    return ("",) if within is not None else ()


async def _look_at_all(
    contexts: tuple[str, ...],
    config: Kubeconfig,
    variables: Mapping[str, str],
    clock: Clock,
    time_limit_s: float,
) -> Found:
    # The client takes a while to load, and not everybody has a cluster.
    await asyncio.to_thread(import_module, "procedures.targets.kubernetes.connection")
    from procedures.targets.detection.contexts import look_at_context

    gate = asyncio.Semaphore(AT_ONCE)
    ends_at = monotonic() + TURNS * time_limit_s

    async def look(context: str) -> Found:
        if context and not is_text(context):
            return Found(unasked=(Unasked(place="kubernetes", why="a context has no usable name"),))
        async with gate:
            if monotonic() > ends_at:
                why = "not asked: the contexts before it took too long"
                return Found(unasked=(Unasked(place=f"context {context}", why=why),))
            return await look_at_context(context, config, variables, clock, time_limit_s)

    found = await asyncio.gather(*map(look, contexts))
    return Found(
        deployments=tuple(one for each in found for one in each.deployments),
        unasked=tuple(one for each in found for one in each.unasked),
    )


def file_of(
    context: str, config: Kubeconfig, variables: Mapping[str, str]
) -> tuple[Path | None, str]:
    """Return the file that the settings must name, and what an operator must see to instead.

    Only what ``$KUBECONFIG`` names needs it: the usual file is found without being named.
    """
    if not variables.get("KUBECONFIG") or not context:
        return None, ""
    for path in config.files:
        if not is_text(str(path.absolute())):
            continue
        try:
            alone = kubeconfig.read((path,))
        except SourceError:
            continue
        if len(config.files) == 1 or (
            alone is not None and _held(alone, context) == _held(config, context)
        ):
            return path.absolute(), ""
    return None, "KUBECONFIG must name the same files as now"


def _held(config: Kubeconfig, context: str) -> tuple[object, object, object]:
    """Return all that a kubeconfig says of a context, its cluster and its user."""
    entry = config.contexts.get(context)
    if entry is None:
        return None, None, None
    named = {key: str(entry.value.get(key, "")) for key in ("cluster", "user")}
    return entry, config.clusters.get(named["cluster"]), config.users.get(named["user"])

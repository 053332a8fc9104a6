"""Asks systemd for units of this machine that look like the service's."""

import asyncio
from collections.abc import Mapping

from procedures.errors import SourceError
from procedures.targets.detection.unit_files import PATTERNS, units_of
from procedures.targets.detection.values import Found, Unasked
from procedures.targets.systemd.manager import Manager
from procedures.targets.systemd.questions import variables_for


async def look_at_units(variables: Mapping[str, str], machine: str, time_limit_s: float) -> Found:
    """Return what is there; a fault becomes a place that could not be asked.

    Args:
        variables: The environment of systemctl.
        machine: Name of this machine.
        time_limit_s: Seconds after which systemctl is ended.
    """
    manager = Manager(variables_for(variables))
    try:
        async with asyncio.timeout(time_limit_s):
            shown = await manager.show(await manager.find(PATTERNS))
    except SourceError as error:
        return Found(unasked=(Unasked(place="systemd", why=error.what),))
    except TimeoutError:
        why = f"systemctl gave no answer within {time_limit_s:g} s"
        return Found(unasked=(Unasked(place="systemd", why=why),))
    deployment = units_of(shown, machine)
    return Found(deployments=(deployment,) if deployment else ())

"""Units of systemd that look like the service's, and what is beside them; pure."""

from collections.abc import Iterable
from types import MappingProxyType

from procedures.environment import Method, TargetAddress
from procedures.targets.detection.likeness import is_certain, is_usable, rank, sign
from procedures.targets.detection.values import Deployment, Sureness
from procedures.targets.systemd.names import shown_name
from procedures.targets.systemd.properties import Properties
from procedures.targets.systemd.units import is_job, is_timer

OURS = "llm-config*"
BESIDE = ("postgresql*", "redis*")
PATTERNS = (OURS, *BESIDE)

_UP = frozenset({"active", "activating", "reloading", "refreshing", "failed"})
_ON = frozenset({"enabled", "enabled-runtime"})


def units_of(shown: Iterable[Properties], machine: str) -> Deployment | None:
    """Return the units of this machine as one deployment; None if there is none of interest.

    Args:
        shown: Properties of the units that match PATTERNS.
        machine: Its name.
    """
    found = {each["Id"]: each for each in shown if "Id" in each and is_usable(each["Id"])}
    loaded = [found[name] for name in sorted(found) if found[name].get("LoadState") == "loaded"]
    ours = [each for each in loaded if each["Id"].startswith("llm-config")]
    beside = [shown_name(each["Id"]) for each in loaded if each not in ours and _counts(each)]
    if not ours and not beside:
        return None
    service, fit = _service(ours)
    if fit is not None:
        sureness = Sureness.CERTAIN if is_certain(fit) else Sureness.LIKELY
        recognised = sign(fit, "unit")
    elif ours:
        sureness, recognised = Sureness.LIKELY, "units with llm-config in their names"
    else:
        sureness, recognised = Sureness.BESIDE, "units that usually stand beside the service"
    facts = {"UNIT": service} if service else {}
    service = service or (shown_name(ours[0]["Id"]) if ours else beside[0])
    named = {shown_name(each["Id"]) for each in ours} | set(beside)
    return Deployment(
        address=TargetAddress(
            name="host",
            method=Method.SYSTEMD,
            service=service,
            units=(*((OURS,) if ours else ()), *beside),
        ),
        sureness=sureness,
        place=f"machine {machine}",
        sign=recognised,
        is_here=True,
        beside=tuple(sorted(named - {service})),
        facts=MappingProxyType(facts),
    )


def _service(ours: Iterable[Properties]) -> tuple[str, int | None]:
    """Return the unit that is the service itself, and how well it fits."""
    fits = []
    for each in ours:
        if is_timer(each) or is_job(each):
            continue
        name = shown_name(each["Id"])
        fit = rank(name)
        if fit is not None:
            fits.append((fit, name))
    if not fits:
        return "", None
    fit, name = min(fits)
    return name, fit


def _counts(beside: Properties) -> bool:
    """Tell whether a unit beside the service is in use: what is installed only is no sign."""
    on = beside.get("ActiveState") in _UP or beside.get("UnitFileState") in _ON
    return on and not is_timer(beside)

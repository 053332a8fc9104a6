"""What pods use, as ``metrics.k8s.io`` measured it; pure."""

from procedures.targets.kubernetes.fields import Json, name_of, part, parts
from procedures.targets.kubernetes.quantities import amount
from procedures.targets.values import Use


def use_of(metrics: Json) -> Use:
    """Return what one pod uses, all of its containers together."""
    measured = [part(each, "usage") for each in parts(metrics, "containers")]
    return Use(
        cpu_cores=_sum([amount(each.get("cpu")) for each in measured]),
        memory_bytes=_sum([amount(each.get("memory")) for each in measured]),
    )


def uses_of(listed: list[Json]) -> dict[str, Use]:
    """Return what each pod uses, by its name."""
    return {name_of(each): use_of(each) for each in listed}


def _sum(amounts: list[float | None]) -> float | None:
    known = [each for each in amounts if each is not None]
    return sum(known) if known else None

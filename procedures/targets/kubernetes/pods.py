"""Pods as units; pure."""

import re
from datetime import datetime

from procedures.targets.kubernetes.fields import (
    Json,
    condition,
    count,
    instant,
    name_of,
    number,
    part,
    parts,
    text,
)
from procedures.targets.kubernetes.quantities import amount
from procedures.targets.kubernetes.words import phase_of, status_word
from procedures.targets.values import NO_USE, Phase, Unit, Use

_DIGEST = re.compile(r"([0-9a-f]{12})[0-9a-f]{52}\Z")


def unit_of(pod: Json, workload: str, use: Use = NO_USE) -> Unit:
    """Return a pod as a unit of its workload.

    Image, version and age are those of its main container: the one that is named like the
    workload, else the first. The end that is told is the last one of any of its containers.
    """
    word = status_word(pod)
    phase = phase_of(word)
    main = main_status(pod, workload)
    ended = last_end(pod)
    name = main_container(pod, workload)
    spec: Json = next(
        (each for each in parts(pod, "spec", "containers") if each.get("name") == name), {}
    )
    return Unit(
        id=text(pod, "metadata", "uid"),
        name=name_of(pod),
        workload=workload,
        phase=phase,
        word=word,
        ready=_is_ready(pod),
        restarts=sum(count(each, "restartCount") for each in _statuses(pod)),
        began_at=_began_at(pod, main),
        image=text(spec, "image") or text(main, "image"),
        version=_version(text(main, "imageID")),
        exit_code=number(ended, "exitCode"),
        out_of_memory=ended.get("reason") == "OOMKilled",
        reason=_reason(pod, phase),
        host=text(pod, "spec", "nodeName"),
        use=limited(use, pod),
    )


def main_container(pod: Json, workload: str) -> str:
    """Return the name of the container that does a pod's work."""
    names = [text(each, "name") for each in parts(pod, "spec", "containers")]
    return workload if workload in names else next(iter(names), "")


def main_status(pod: Json, workload: str) -> Json:
    """Return what is known of that container; nothing before the pod has a node."""
    name = main_container(pod, workload)
    found = parts(pod, "status", "containerStatuses")
    return next((each for each in found if each.get("name") == name), {})


def last_end(pod: Json) -> Json:
    """Return the last end of any container: exit code, reason, time; empty if none ever ended."""
    ends = [
        end
        for each in _statuses(pod)
        for end in (part(each, "state", "terminated"), part(each, "lastState", "terminated"))
        # A container of the beginning ends by design.
        if end and (count(end, "exitCode") or each in parts(pod, "status", "containerStatuses"))
    ]
    return max(ends, key=lambda end: text(end, "finishedAt"), default={})


def _statuses(pod: Json) -> list[Json]:
    return parts(pod, "status", "initContainerStatuses") + parts(pod, "status", "containerStatuses")


def _is_ready(pod: Json) -> bool:
    """Tell whether the pod gets work; a pod that goes does not, whatever its probes say."""
    if part(pod, "metadata").get("deletionTimestamp"):
        return False
    return condition(pod, "Ready").get("status") == "True"


def _began_at(pod: Json, main: Json) -> datetime | None:
    return (
        instant(main, "state", "running", "startedAt")
        or instant(main, "state", "terminated", "finishedAt")
        or instant(main, "lastState", "terminated", "finishedAt")
        or instant(pod, "status", "startTime")
        or instant(pod, "metadata", "creationTimestamp")
    )


def _version(image_id: str) -> str:
    """Return the digest of an image, short; ``docker-pullable://app@sha256:…`` is one, too."""
    found = _DIGEST.search(image_id)
    return found[1] if found else image_id.rpartition("//")[2]


def _reason(pod: Json, phase: Phase) -> str:
    """Return why a pod is not well, in the cluster's words."""
    if phase in {Phase.STOPPED, Phase.STOPPING}:
        return ""
    if said := text(pod, "status", "message"):  # of an eviction
        return said
    unscheduled = condition(pod, "PodScheduled")
    if unscheduled.get("status") == "False":
        return text(unscheduled, "message") or text(unscheduled, "reason")
    for each in _statuses(pod):
        if said := text(each, "state", "waiting", "message"):
            return said
    if phase is Phase.RUNNING and _is_ready(pod):
        return ""
    return text(condition(pod, "Ready"), "message")


def limited(use: Use, pod: Json) -> Use:
    """Add the memory at which the pod is killed; there is none if a container has none."""
    limits = [
        amount(part(each, "resources", "limits").get("memory"))
        for each in parts(pod, "spec", "containers")
    ]
    known = [each for each in limits if each is not None]
    if not limits or len(known) < len(limits):
        return use
    return Use(
        cpu_cores=use.cpu_cores, memory_bytes=use.memory_bytes, memory_limit_bytes=sum(known)
    )

"""A pod's state in the word of ``kubectl get pods``; pure.

Source: ``printPod`` of Kubernetes, ``pkg/printers/internalversion/printers.go``.
"""

from procedures.targets.kubernetes.fields import Json, condition, count, part, parts, text
from procedures.targets.values import Phase

_COMING = frozenset({"ContainerCreating", "PodInitializing"})
_PHASES = {
    "Running": Phase.RUNNING,
    "NotReady": Phase.RUNNING,
    "Terminating": Phase.STOPPING,
    "Completed": Phase.STOPPED,
    "Succeeded": Phase.STOPPED,
    "Pending": Phase.WAITING,
    "SchedulingGated": Phase.WAITING,
    "Unknown": Phase.UNKNOWN,
}


def status_word(pod: Json) -> str:
    """Return what stands under STATUS: ``Running``, ``CrashLoopBackOff``, ``Init:0/1``."""
    status_reason = text(pod, "status", "reason")
    word = status_reason or text(pod, "status", "phase") or "Unknown"
    if condition(pod, "PodScheduled").get("reason") == "SchedulingGated":
        word = "SchedulingGated"
    begun = _initializing(pod)
    if not begun or condition(pod, "Initialized").get("status") == "True":
        word = _running(pod, begun or word)
    else:
        word = begun
    if part(pod, "metadata").get("deletionTimestamp"):
        return "Unknown" if status_reason == "NodeLost" else "Terminating"
    return word


def phase_of(word: str) -> Phase:
    """Return where in its life a pod with such a word is; any other word tells a failure."""
    if word in _PHASES:
        return _PHASES[word]
    init, _, rest = word.partition(":")
    if init == "Init" and rest.partition("/")[0].isdecimal():
        return Phase.STARTING
    return Phase.STARTING if word in _COMING else Phase.FAILED


def _initializing(pod: Json) -> str:
    """Return the word while a container of the beginning is not done; empty when all are."""
    stays = {
        text(each, "name")
        for each in parts(pod, "spec", "initContainers")
        if each.get("restartPolicy") == "Always"
    }
    for place, each in enumerate(parts(pod, "status", "initContainerStatuses")):
        ended, waits = part(each, "state", "terminated"), part(each, "state", "waiting")
        if ended and not count(ended, "exitCode"):
            continue
        if text(each, "name") in stays and each.get("started") is True:
            continue
        if ended:
            return f"Init:{text(ended, 'reason') or _how_ended(ended)}"
        if text(waits, "reason") not in {"", "PodInitializing"}:
            return f"Init:{text(waits, 'reason')}"
        return f"Init:{place}/{len(parts(pod, 'spec', 'initContainers'))}"
    return ""


def _running(pod: Json, word: str) -> str:
    """Return the word after the beginning: that of the first container which has one."""
    runs = False
    for each in reversed(parts(pod, "status", "containerStatuses")):
        waits, ended = part(each, "state", "waiting"), part(each, "state", "terminated")
        if text(waits, "reason"):
            word = text(waits, "reason")
        elif ended:
            word = text(ended, "reason") or _how_ended(ended)
        elif each.get("ready") is True and part(each, "state").get("running") is not None:
            runs = True
    if word == "Completed" and runs:
        is_ready = condition(pod, "Ready").get("status") == "True"
        return "Running" if is_ready else "NotReady"
    return word


def _how_ended(ended: Json) -> str:
    signal = count(ended, "signal")
    return f"Signal:{signal}" if signal else f"ExitCode:{count(ended, 'exitCode')}"

"""Why a unit is not well, in one sentence; pure.

Source: ``Result`` of ``org.freedesktop.systemd1(5)``, exit statuses of ``systemd.exec(5)``.
"""

import signal

from procedures.targets.systemd.properties import Properties, load_error, number

_EXITED, _KILLED, _DUMPED = "1", "2", "3"
"""Values of ``ExecMainCode``: CLD_EXITED, CLD_KILLED and CLD_DUMPED of ``wait(2)``."""
_RESULTS = {
    "timeout": "it did not start or stop in time",
    "watchdog": "it gave no sign of life within its watchdog's time",
    "oom-kill": "it was killed for want of memory",
    "start-limit-hit": "it was started too often in a short time",
    "resources": "something that it needs could not be had",
    "protocol": "it did not tell systemd of its start as its type demands",
    "exec-condition": "its own condition did not hold",
    "trigger-limit-hit": "it was triggered too often in a short time",
    "service-start-limit-hit": "the unit that it starts was started too often in a short time",
}
_STATUSES = {
    200: "its working directory is missing",
    202: "its file descriptors could not be set up",
    203: "its program cannot be executed",
    208: "its standard input could not be opened",
    209: "its standard output could not be opened",
    216: "its group does not exist",
    217: "its user does not exist",
    218: "its capabilities could not be set",
    226: "its private view of the files could not be set up",
    238: "its state directory could not be made",
    243: "its credentials could not be read",
}
"""Exit statuses that systemd itself gives, see ``systemd.exec(5)``."""
RESET = "systemctl reset-failed"
"""What makes systemd forget that a unit was started too often."""


def exit_code(properties: Properties) -> int | None:
    """Return the exit status of the last end, 128 and the signal if one ended it; None for none."""
    status = number(properties.get("ExecMainStatus"))
    code = properties.get("ExecMainCode")
    if code in {_KILLED, _DUMPED} and status is not None:
        return 128 + status
    return status if code == _EXITED else None


def given_up(properties: Properties) -> bool:
    """Tell whether systemd started it again and again, and does so no more."""
    again = properties.get("Restart", "no") != "no" and number(properties.get("NRestarts"))
    return properties.get("Result") == "start-limit-hit" or bool(again)


def why_failed(properties: Properties) -> str:
    """Return how a unit ended that failed."""
    said = _how_ended(properties)
    if not given_up(properties):
        return said
    restarts = number(properties.get("NRestarts"))
    times = f" after {restarts} restarts" if restarts else ""
    return f"{said}; systemd gave it up{times}: it needs {RESET}"


def why_starting(properties: Properties) -> str:
    """Return what a unit that comes up waits for."""
    if properties.get("SubState", "").startswith("auto-restart"):
        restarts = number(properties.get("NRestarts")) or 0
        return f"{_how_ended(properties)}; it is started again by itself, {restarts} times so far"
    if properties.get("Type", "").startswith("notify"):
        return "it has not yet said that it is ready"
    return "its start goes on"


def why_not_loaded(properties: Properties) -> str:
    """Return why systemd cannot use a unit's file."""
    state = properties.get("LoadState", "")
    if state == "masked":
        return "it is masked: nothing can start it before systemctl unmask"
    if state == "not-found":
        return "systemd knows no unit of this name"
    said = load_error(properties.get("LoadError"))
    return f"its unit file cannot be used: {said or state}"


def _how_ended(properties: Properties) -> str:
    result = properties.get("Result", "")
    status = number(properties.get("ExecMainStatus")) or 0
    code = properties.get("ExecMainCode")
    if result in _RESULTS:
        return _RESULTS[result]
    if result in {"signal", "core-dump"} and code in {_KILLED, _DUMPED}:
        return f"it was ended by {_signal(status)}" + (" and dumped core" * (code == _DUMPED))
    if result == "exit-code" and code == _EXITED and status:
        meaning = f" ({_STATUSES[status]})" if status in _STATUSES else ""
        return f"it ended with exit status {status}{meaning}"
    if result in {"exit-code", "signal", "core-dump"}:
        return "a command before or after its own ended with an error"
    return f"its result is {result}" if result else "it ended with an error"


def _signal(number_: int) -> str:
    try:
        return signal.Signals(number_).name
    except ValueError:
        return f"signal {number_}"

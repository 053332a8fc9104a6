"""systemctl: starting, stopping, masking and enabling units."""

import argparse

from procedures.sandbox.control_client import Control
from procedures.sandbox.kept import Kept
from procedures.sandbox.shims.observed import act_and_wait, observe, order, restart_and_wait
from procedures.sandbox.shims.unit_jobs import run_job
from procedures.sandbox.shims.units import JOBS, Unit, unit
from procedures.sandbox.shims.usage import ToolError, complain, say

_NO_SUCH_UNIT = 5


def change(control: Control, options: argparse.Namespace) -> int:
    """Carry out an order for one or several units."""
    if options.action in {"daemon-reload", "reset-failed"} and not getattr(options, "units", []):
        return 0
    found = [_found(control, options.action, name) for name in options.units]
    if options.action in {"mask", "unmask", "enable", "disable", "reenable"}:
        for each in found:
            _keep_file_state(control, options, each)
        if getattr(options, "now", False):
            options.action = "start" if options.action == "enable" else "stop"
        else:
            return 0
    if options.action == "reset-failed":
        names = [p.name for each in found for p in each.processes if p.phase == "crashed"]
        act_and_wait(control, names, "stop", {"stopped"})
        return 0
    return _order(control, options, found)


def _order(control: Control, options: argparse.Namespace, found: list[Unit]) -> int:
    starting = options.action in {"start", "restart", "reload-or-restart", "try-restart"}
    for each in found:
        if starting and each.masked:
            full = each.full_name
            raise ToolError(f"Failed to {options.action} {full}: Unit {full} is masked.")
    _order_without_process(control, options, found, starting=starting)
    _order_processes(control, options, found, starting=starting)
    return 0


def _order_without_process(
    control: Control, options: argparse.Namespace, found: list[Unit], *, starting: bool
) -> None:
    for each in found:
        if each.is_timer:
            stopped = True if options.action == "stop" else None
            Kept(control.state.kept).set(f"unit.stopped.{each.name}", stopped)
        elif each.name in JOBS and starting:
            run_job(control, each.name)


def _order_processes(
    control: Control, options: argparse.Namespace, found: list[Unit], *, starting: bool
) -> None:
    names = [process.name for each in found for process in each.processes]
    if options.no_block:
        for name in names:
            order(control, name, options.action)
    elif starting and options.action != "start":
        restart_and_wait(control, names, ready=True)
    elif options.action == "start":
        act_and_wait(control, names, "start", {"ready", "hung"})
    elif options.action == "kill":
        for name in names:
            order(control, name, "stop")
    else:
        act_and_wait(control, names, "stop", {"stopped"})


def _found(control: Control, action: str, name: str) -> Unit:
    try:
        return unit(observe(control), control, name)
    except ToolError as error:
        full = name if "." in name else f"{name}.service"
        verb = "get unit file state for" if action in {"enable", "mask", "unmask"} else action
        raise ToolError(
            f"Failed to {verb} {full}: Unit {full} not found.", _NO_SUCH_UNIT
        ) from error


def _keep_file_state(control: Control, options: argparse.Namespace, each: Unit) -> None:
    kept = Kept(control.state.kept)
    full = each.full_name
    place = "/run/systemd/system" if options.runtime else "/etc/systemd/system"
    if options.action == "mask":
        kept.set(f"unit.masked.{each.name}", "masked-runtime" if options.runtime else "masked")
        complain(f"Created symlink {place}/{full} → /dev/null.")
    elif options.action == "unmask":
        if each.masked:
            complain(f"Removed {place}/{full}.")
        kept.set(f"unit.masked.{each.name}", None)
    else:
        enabled = options.action != "disable"
        kept.set(f"unit.enabled.{each.name}", None if enabled else False)
        if enabled and not each.enabled:
            say(f"Created symlink /etc/systemd/system/multi-user.target.wants/{full}.")

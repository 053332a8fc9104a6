"""What ``systemctl show`` says of a unit."""

import re
from datetime import UTC, datetime

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims.unit_timers import last_run, next_run
from procedures.sandbox.shims.units import APP, Unit, drop_ins

_FROM_FILE = ("User", "Group", "ExecStart", "LimitNOFILE", "TasksMax", "Restart", "EnvironmentFile")
_USEC = ("RestartSec", "TimeoutStartSec", "TimeoutStopSec")


OF_SOME = frozenset(
    {"Unit", "LastTriggerUSec", "NextElapseUSecRealtime", "NextElapseUSecMonotonic"}
)
"""Properties that only timers have; of another unit they are left out without a word."""


def properties(
    each: Unit, control: Control, *, now: float, precise: bool = False
) -> dict[str, str]:
    """Return the properties that scripts ask for; ``precise`` gives times their microseconds."""
    started, ended = _time(each.started_at, precise=precise), _time(each.ended_at, precise=precise)
    failed = each.active == "failed"
    unset = "[not set]"
    found = {
        "Id": each.full_name,
        "Names": each.full_name,
        "Description": each.description,
        "LoadState": each.load_state,
        "ActiveState": each.active,
        "SubState": each.sub,
        "UnitFileState": each.file_state,
        "FragmentPath": f"/etc/systemd/system/{each.full_name}",
        "DropInPaths": _drop_in_paths(each, control),
        "NeedDaemonReload": "no",
        "Result": "core-dump" if failed else "success",
        "ExecMainStatus": "6" if failed else "0",
        "ExecMainCode": "3" if failed else "0",
        "ExecMainPID": str(each.main_pid),
        "MainPID": str(each.main_pid),
        "NRestarts": "0",
        "StatusText": each.status_text,
        "ActiveEnterTimestamp": started,
        "InactiveEnterTimestamp": ended,
        "ExecMainStartTimestamp": started,
        "StateChangeTimestamp": ended or started,
        "ConditionResult": "yes",
        "ConditionTimestamp": started,
        "LoadError": "",
        "RemainAfterExit": "no",
        "InvocationID": "",
        "MemoryCurrent": str(each.memory_bytes) if each.main_pid else unset,
        "MemoryPeak": str(round(each.memory_bytes * 1.1)) if each.main_pid else unset,
        "MemoryHigh": "infinity",
        "MemoryMax": "infinity" if each.memory_max is None else str(each.memory_max),
        "CPUUsageNSec": str(int(each.cpu_s * 1e9)) if each.cpu_s else unset,
        "CPUQuotaPerSecUSec": "2s" if each.name == APP else "infinity",
        "TasksCurrent": "36" if each.main_pid else unset,
        "ReadWritePaths": "/var/lib/llm-config /var/log/llm-config" if each.name == APP else "",
        "Environment": each.limits.get("Environment", ""),
        "WatchdogUSec": "30s",
        "Type": "notify" if each.processes else "oneshot",
    }
    if each.is_timer:
        found |= {
            "Unit": each.full_name.replace(".timer", ".service"),
            "LastTriggerUSec": _time(last_run(each.name, now).timestamp()),
            "NextElapseUSecRealtime": _time(next_run(each.name, now).timestamp()),
            "NextElapseUSecMonotonic": "0",
        }
    return found | _written(each, control)


def _time(at: float, *, precise: bool = False) -> str:
    if not at:
        return ""
    fraction = ".%f" if precise else ""
    return f"{datetime.fromtimestamp(at, UTC):%a %Y-%m-%d %H:%M:%S{fraction} UTC}"


def _written(each: Unit, control: Control) -> dict[str, str]:
    """Return what the unit's file and its drop-ins say."""
    path = control.state.units / each.full_name
    text = path.read_text() if path.exists() else ""
    own = dict(re.findall(r"^([A-Za-z]+)=(.*)$", text, re.MULTILINE))
    said = {**own, **drop_ins(control.state, each.name)}
    found = {name: said.get(name, "") for name in _FROM_FILE}
    found["EnvironmentFiles"] = said.get("EnvironmentFile", "")
    found["LimitNOFILESoft"] = found["LimitNOFILE"] or "1024"
    for name in _USEC:
        found[name.replace("Sec", "USec")] = said.get(name, "0").replace("60s", "1min")
    if found["ExecStart"]:
        found["ExecStart"] = (
            f"{{ path={found['ExecStart'].split()[0]} ; argv[]={found['ExecStart']} ; }}"
        )
    quota = said.get("CPUQuota", "")
    if quota and each.name == APP:
        found["CPUQuotaPerSecUSec"] = f"{float(quota.rstrip('%')) / 100:g}s"
    return found


def _drop_in_paths(each: Unit, control: Control) -> str:
    folder = control.state.units / f"{each.full_name}.d"
    return " ".join(
        f"/etc/systemd/system/{each.full_name}.d/{path.name}" for path in sorted(folder.glob("*"))
    )

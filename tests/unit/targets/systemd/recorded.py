# ruff: noqa: E501
"""Answers of systemctl and journalctl 252, as they were given."""

from procedures.targets.systemd.properties import Properties, blocks

SERVICE = r"""
Type=notify
RemainAfterExit=no
Restart=on-failure
StatusText=3 of 3 workers ready
Result=success
NRestarts=2
ExecMainCode=0
ExecMainStatus=0
ExecStart={ path=/usr/local/bin/llm-config-server ; argv[]=/usr/local/bin/llm-config-server --port 8080 ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=62 ; code=(null) ; status=0/0 }
MemoryCurrent=412909568
CPUUsageNSec=81250000000
MemoryMax=2147483648
Id=llm-config-manager.service
Description=LLM Config Manager
LoadState=loaded
ActiveState=active
SubState=running
FragmentPath=/etc/systemd/system/llm-config-manager.service
UnitFileState=enabled
StateChangeTimestamp=Sat 2026-11-28 15:34:39.830318 UTC
ActiveEnterTimestamp=Sat 2026-11-28 15:34:39.830318 UTC
InactiveEnterTimestamp=Sat 2026-11-28 15:34:39.625113 UTC
NeedDaemonReload=no
ConditionResult=yes
ConditionTimestamp=Sat 2026-11-28 15:34:39.812001 UTC
LoadError=
InvocationID=db099db2fd474c1aad623a2f948141e5
"""
MONOTONIC_TIMER = """
Unit=once.service
NextElapseUSecRealtime=
NextElapseUSecMonotonic=3h 50min 48.733991s
LastTriggerUSec=Sat 2026-11-28 15:34:39 UTC
Result=success
Id=mono.timer
Description=mono.timer
LoadState=loaded
ActiveState=active
SubState=waiting
FragmentPath=/etc/systemd/system/mono.timer
UnitFileState=static
StateChangeTimestamp=Sat 2026-11-28 15:34:39.830299 UTC
ActiveEnterTimestamp=Sat 2026-11-28 15:34:39.830299 UTC
InactiveEnterTimestamp=
"""
MASKED = """
Type=
MemoryCurrent=[not set]
CPUUsageNSec=[not set]
MemoryMax=infinity
Result=success
NRestarts=0
ExecMainCode=0
ExecMainStatus=0
Id=gone.service
Description=gone.service
LoadState=masked
ActiveState=inactive
SubState=dead
FragmentPath=/etc/systemd/system/gone.service
UnitFileState=masked
StateChangeTimestamp=
LoadError=org.freedesktop.systemd1.UnitMasked "Unit gone.service is masked."
"""


def service(**changed: str) -> Properties:
    """Return the properties of the service, some of them changed."""
    return blocks(SERVICE)[0] | changed


def timer(**changed: str) -> Properties:
    """Return the properties of the timer, some of them changed."""
    return blocks(MONOTONIC_TIMER)[0] | changed

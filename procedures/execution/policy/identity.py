"""Who sits at the keys, as the operating system knows them: what nobody can choose for a moment.

The login's own user counts where the audit subsystem knows it, for it stays the same through su
and sudo: two terminals of one person are not two persons.
"""

import grp
import os
import pwd
from pathlib import Path

from procedures.execution.policy.policy import Operator

_LOGIN_UID = Path("/proc/self/loginuid")
_NOBODY_LOGGED_IN = 0xFFFFFFFF


def operator_here() -> Operator:
    """Return the person at this process, with the names of their groups."""
    uid = _login_uid()
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Operator(name=f"uid-{uid}")
    groups = os.getgrouplist(entry.pw_name, entry.pw_gid)
    return Operator(name=entry.pw_name, groups=frozenset(filter(None, map(_group, groups))))


def _login_uid() -> int:
    try:
        uid = int(_LOGIN_UID.read_text())
    except (OSError, ValueError):
        return os.getuid()
    return os.getuid() if uid == _NOBODY_LOGGED_IN else uid


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return ""

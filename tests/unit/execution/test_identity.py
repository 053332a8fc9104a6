"""Who an operator is, is what the system knows, and not what they say."""

import grp
import os
import pwd
from pathlib import Path

import pytest

from procedures.execution.policy import identity
from procedures.execution.policy.identity import operator_here

NOBODY = pwd.getpwnam("nobody")


@pytest.fixture
def login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the audit subsystem says of this process."""
    path = tmp_path / "loginuid"
    monkeypatch.setattr(identity, "_LOGIN_UID", path)
    return path


def test_who_logged_in_counts_and_not_whom_they_have_become(login: Path) -> None:
    """Else one person with sudo would be two, and could approve their own request."""
    login.write_text(f"{NOBODY.pw_uid}\n")
    operator = operator_here()
    assert operator.name == "nobody"
    assert operator.groups == {grp.getgrgid(NOBODY.pw_gid).gr_name}


@pytest.mark.parametrize("text", ["4294967295", "", "x", None])
def test_where_nobody_is_known_to_have_logged_in_the_process_tells(
    login: Path, text: str | None
) -> None:
    if text is not None:
        login.write_text(text)
    assert operator_here().name == pwd.getpwuid(os.getuid()).pw_name


def test_nobody_chooses_a_name_by_a_variable(login: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USER", "LOGNAME", "SUDO_USER", "USERNAME"):
        monkeypatch.setenv(name, "grace")
    assert operator_here().name == pwd.getpwuid(os.getuid()).pw_name


def test_a_user_without_a_name_is_told_by_number_and_is_in_no_group(login: Path) -> None:
    login.write_text("3999999999")
    assert operator_here().name == "uid-3999999999"
    assert operator_here().groups == frozenset()


def test_a_group_without_a_name_is_none(login: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy that names ``%`` must match nobody."""
    monkeypatch.setattr(os, "getgrouplist", lambda _name, _gid: [0, 3999999999])
    assert operator_here().groups == {grp.getgrgid(0).gr_name}
    assert not operator_here().is_among(("%",))

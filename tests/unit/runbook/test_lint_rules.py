"""The linter finds what would mislead an operator, and says where and what to do."""

from datetime import date
from pathlib import Path

import pytest

from procedures.errors import DocumentError
from procedures.runbook.catalogue import SHIPPED
from procedures.runbook.linter import Complaint, lint
from procedures.runbook.rules import ABOUT

TODAY = date(2026, 11, 20)

GOOD = """\
---
id: tidy-up
title: Tidy up
theme: common-issues
summary: Remove what is old, then look.
methods: [docker, systemd]
rollback: put-back
reviewed: 2026-11-01
review_every: 90d
---

See the [other one](put-back.md), or [elsewhere](https://example.org/nothing.md).

## Phase 1: Tidy

### Remove old files

> [!CAUTION]
> Old files are gone for good.

```check
health status is healthy
```

```sh {method=docker level=destructive affects="old files"}
docker-compose exec -T app rm -r /srv/old
```

```sh {method=systemd level=destructive affects="old files"}
rm -r /srv/old
```

### All is well

```check
health status is healthy
```

- **Not well?** → [put it back](put-back.md)
- **Well?** → go on
"""

OTHER = """\
---
id: put-back
title: Put back
theme: common-issues
reviewed: 2026-11-01
---

## Phase 1: Look

### Look

```sh
ls /srv
```
"""


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A directory with two documents that keep every rule."""
    folder = tmp_path / "common-issues"
    folder.mkdir()
    (folder / "tidy-up.md").write_text(GOOD)
    (folder / "put-back.md").write_text(OTHER)
    return tmp_path


def complaints(shelf: Path, old: str = "", new: str = "", *, today: date = TODAY) -> list[str]:
    """Return what is said once ``old`` is replaced, as ``line code``."""
    assert old in GOOD
    (shelf / "common-issues" / "tidy-up.md").write_text(GOOD.replace(old, new, 1) if old else GOOD)
    return [f"{each.problem.line} {each.problem.code}" for each in lint([shelf], today=today)]


def test_a_good_document_is_left_in_peace(shelf: Path) -> None:
    assert complaints(shelf) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("rollback: put-back", "rollback: put-bakc", "1 unknown-procedure"),
        ("[other one](put-back.md)", "[other one](put-bakc.md)", "12 broken-link"),
        ("(put-back.md)\n- **Well", "(../health-checks/gone.md)\n- **Well", "39 unknown-procedure"),
        ("reviewed: 2026-11-01\n", "", "1 review-overdue"),
        ("> [!CAUTION]", "> [!NOTE]", "25 unguarded-destruction"),
        (' affects="old files"', "", "25 unguarded-destruction"),
        ("rollback: put-back\n", "", "24 unguarded-destruction"),
        ("level=destructive ", "level=change ", "25 level-too-low"),
        ("id: tidy-up", "id: tidy-down", "2 document"),
        ("```check\nhealth status is healthy", "```check\nhealth stauts is healthy", "22 document"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    shelf: Path, old: str, new: str, expected: str
) -> None:
    assert expected in complaints(shelf, old, new)


def test_a_destructive_command_needs_a_precondition(shelf: Path) -> None:
    check = "```check\nhealth status is healthy\n```\n\n```sh"
    assert complaints(shelf, check, "```sh") == ["21 no-precondition", "25 no-precondition"]


def test_a_change_that_nothing_looks_at_is_told_by_its_phase(shelf: Path) -> None:
    after = "\n### All is well\n\n```check\nhealth status is healthy\n```\n"
    assert complaints(shelf, after, "\n### All is well\n") == ["14 unverified-change"]


def test_a_method_without_a_command_must_be_explained(shelf: Path) -> None:
    command = '```sh {method=systemd level=destructive affects="old files"}\nrm -r /srv/old\n```\n'
    assert complaints(shelf, command, "") == ["16 missing-method"]
    assert complaints(shelf, command, "Under systemd a timer does it.\n") == []


@pytest.mark.parametrize(
    "script",
    ["ls <pod-name>", "ls /backups/YYYYMMDD", "x --key CHANGE_ME", "ls # TODO: which?"],
)
def test_what_is_left_to_fill_in_is_found(shelf: Path, script: str) -> None:
    found = complaints(shelf, "docker-compose exec -T app rm -r /srv/old", f"rm -r /old\n{script}")
    assert "27 placeholder" in found


@pytest.mark.parametrize("script", ["cat <in >out", "cat <<EOF\nx\nEOF", "diff <(ls) <(ls -a)"])
def test_redirections_are_no_placeholders(shelf: Path, script: str) -> None:
    found = complaints(shelf, "docker-compose exec -T app rm -r /srv/old", f"rm -r /old\n{script}")
    assert not any("placeholder" in each for each in found)


@pytest.mark.parametrize(
    "script",
    [
        'echo "$DB_PASSWORD"',
        "cat .env",
        "sudo cat /etc/default/llm-config-manager | grep KEY",
        "grep ENCRYPTION_KEY= .env",
        "env",
        "kubectl get secret llm-config-manager-secrets -n llm-config -o yaml",
        "redis-cli -a hunter2 ping",
        'kubectl create secret generic x --from-literal=KEY="$API_TOKEN"',
    ],
)
def test_a_secret_on_the_screen_or_in_the_process_list_is_found(shelf: Path, script: str) -> None:
    found = complaints(shelf, "rm -r /srv/old\n```\n\n### All", f"{script}\n```\n\n### All")
    assert any(each.endswith("secret-shown") for each in found), found


@pytest.mark.parametrize(
    "script",
    [
        "grep -q ENCRYPTION_KEY= .env",
        "kubectl get secret llm-config-manager-secrets -n llm-config",
        "kubectl exec redis-0 -- sh -c 'REDISCLI_AUTH=\"$REDIS_PASSWORD\" redis-cli ping'",
        'test -n "$DB_PASSWORD"',
        "echo the key is there",
    ],
)
def test_a_test_of_presence_shows_no_secret(shelf: Path, script: str) -> None:
    found = complaints(shelf, "rm -r /srv/old\n```\n\n### All", f"{script}\n```\n\n### All")
    assert not any(each.endswith("secret-shown") for each in found), found


def test_a_review_is_due_the_day_after_its_time(shelf: Path) -> None:
    assert complaints(shelf, today=date(2027, 1, 30)) == []
    assert complaints(shelf, today=date(2027, 1, 31)) == ["1 review-overdue"]


def test_two_documents_of_one_id_are_both_told_of(shelf: Path) -> None:
    twin = shelf / "other" / "common-issues"
    twin.mkdir(parents=True)
    (twin / "put-back.md").write_text(OTHER)
    (complaint,) = lint([shelf], today=TODAY)
    assert complaint.problem.code == "duplicate-id"
    assert str(shelf / "common-issues") in complaint.problem.text


def test_a_single_file_can_be_linted(shelf: Path) -> None:
    path = shelf / "common-issues" / "put-back.md"
    assert lint([path], today=TODAY) == []


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="does not exist"):
        lint([tmp_path / "gone"], today=TODAY)


def test_every_code_that_is_used_is_explained(shelf: Path) -> None:
    bad = GOOD.replace("> [!CAUTION]", "> [!NOTE]").replace("put-back", "gone")
    (shelf / "common-issues" / "tidy-up.md").write_text(bad)
    found: list[Complaint] = lint([shelf], today=TODAY)
    assert {each.problem.code for each in found} <= set(ABOUT)


def test_the_shipped_catalogue_is_clean() -> None:
    told = [
        f"{each.path.name}:{each.problem.line} {each.problem.text}"
        for each in lint([SHIPPED], today=TODAY)
    ]
    assert told == []

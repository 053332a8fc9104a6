"""A finding tells the operator which part of a command is dangerous, and why."""

import pytest

from procedures.risk.assessment import assess


@pytest.mark.parametrize(
    ("script", "text", "reason"),
    [
        (
            "docker-compose exec -T redis sh -c 'redis-cli FLUSHALL'",
            "redis-cli FLUSHALL",
            "empties the cache",
        ),
        ("psql <<'SQL'\nDROP TABLE x;\nSQL", "psql", "drops objects of the database"),
        ("ssh db1 bash <<'E'\nuptime\nrm x\nE", "rm x", "deletes files"),
        ('ls "$a $b"; rm x', "rm x", "deletes files"),
        ("export PATH=/tmp", "PATH", "changes which programs run"),
        (
            "kubectl scale deployment x --replicas=0",
            "kubectl scale deployment x --replicas=0",
            "may take all replicas away",
        ),
    ],
)
def test_a_finding_names_the_command_and_the_reason(script: str, text: str, reason: str) -> None:
    (finding,) = assess(script).findings
    assert (finding.text, finding.reason) == (text, reason)


def test_the_same_finding_is_said_once() -> None:
    assert len(assess("rm x\nrm x\nrm x").findings) == 1


def test_a_long_command_is_shown_shortened() -> None:
    (finding,) = assess("rm " + "x" * 500).findings
    assert len(finding.text) == 121
    assert finding.text.endswith("…")

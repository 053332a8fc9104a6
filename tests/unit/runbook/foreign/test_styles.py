"""Runbooks as teams write them, each of a style of its own, become what an operator would walk."""

from pathlib import Path

import pytest

from procedures.environment import Environment, Method, Tier
from procedures.execution.policy.policy import Operator, Policy
from procedures.execution.run.preparation import outline, prepare
from procedures.reference.levels import Level
from tests.unit.runbook.foreign.kept import DOCUMENTS, imported, notes_of

PHASES: dict[str, list[tuple[str, list[str]]]] = {
    "pod-crash-looping": [
        (
            "PodCrashLooping",
            [
                "Diagnosis: Find the pod, and how often it was started",
                "Diagnosis: Read what it said before it died",
                "Mitigation: Roll back to the release that worked",
                "Mitigation: If memory is the reason, raise the limit and watch",
            ],
        )
    ],
    "node-disk-pressure": [
        (
            "Look around",
            [
                "How full is it: Every file system",
                "How full is it: The largest directories",
                "How full is it: Deleted files that are still open",
            ],
        ),
        ("Free space", ["Remove what nobody uses", "Rotate logs", "Check again"]),
    ],
    "pool-saturation": [
        ("Verification", ["Verification", "Confirm that the primary is healthy"]),
        (
            "Troubleshooting",
            ["Long transactions", "Raise the pool: Open the file", "Raise the pool: Reload"],
        ),
        ("Escalation", ["Escalation"]),
    ],
    "docusaurus-release": [
        ("Build", ["Tag the commit", "Roll out"]),
        ("Verify", ["Verify"]),
    ],
    "wiki-export": [
        ("Mail queue grows", ["Prepare", "Look", "Look: Then look at the deferred ones", "Flush"])
    ],
    "console-session": [("Replace a failed disk", ["Replace a failed disk", "Put the new one in"])],
    "no-headings": [
        ("No headings", ["See whether it evicts", "Then throw away what is old"]),
    ],
    "certificate-renewal": [
        ("Renew a certificate", ["Request", "Install", "Install (2)", "Check"]),
    ],
    "pager-handover": [
        (
            "Hand over the pager",
            [
                "Before",
                "Before: Check that the schedule is right",
                "After",
                "Silence what is known",
            ],
        )
    ],
    "restore-backup": [
        (
            "Restore a backup",
            [
                "Choose it",
                "Restore it: stop the service",
                "Restore it: restore",
                "Restore it: start the service",
                "Alternatively, from the replica",
                "Alternatively, from the replica (2)",
                "Tell",
            ],
        )
    ],
    "one-heading": [
        ("Drain a queue", ["Stop the producers first", "With Kubernetes", "Start them again"])
    ],
    "mkdocs-quotas": [("Look", ["With the console"]), ("Raise", ["Raise"])],
}

INPUTS = {
    "pod-crash-looping": ["namespace", "pod_name", "deployment"],
    "node-disk-pressure": ["namespace"],
    "pool-saturation": ["your_db_host", "pid"],
    "docusaurus-release": ["version", "your_domain"],
    "wiki-export": [],
    "console-session": ["failed_partition"],
    "no-headings": [],
    "certificate-renewal": [
        "key_file", "common_name", "secret_name", "cert_file", "namespace", "host",
    ],
    "pager-handover": ["your_team", "alert_name"],
    "restore-backup": ["yyyymmdd", "your_bucket", "yyyy_mm_dd"],
    "one-heading": [],
    "mkdocs-quotas": ["project_id"],
}  # fmt: skip

NOTED_LINES = {
    "pod-crash-looping": [],
    "node-disk-pressure": [10],
    "pool-saturation": [],
    "docusaurus-release": [2, 3, 30, 34],
    "wiki-export": [45],
    "console-session": [25],
    "no-headings": [],
    "certificate-renewal": [5, 25],
    "pager-handover": [4],
    "restore-backup": [34, 41, 49],
    "one-heading": [],
    "mkdocs-quotas": [1, 3, 15, 17],
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_phases_and_steps(name: str) -> None:
    procedure = imported(DOCUMENTS[name], path=_path(name))
    found = [(phase.title, [step.title for step in phase.steps]) for phase in procedure.phases]
    assert found == PHASES[name]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_inputs(name: str) -> None:
    assert list(imported(DOCUMENTS[name]).inputs) == INPUTS[name]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_not_understood_is_told_with_its_line(name: str) -> None:
    assert [int(note.split()[0]) for note in notes_of(DOCUMENTS[name])] == NOTED_LINES[name]


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_can_be_walked(name: str, method: Method) -> None:
    procedure = imported(DOCUMENTS[name])
    environment = Environment(name="lab", tier=Tier.SANDBOX, method=method)
    inputs = dict.fromkeys(procedure.inputs, "x")
    for step in procedure.steps:
        prepared = prepare(
            step,
            environment,
            inputs,
            procedure_id="imported",
            policy=Policy(),
            operator=Operator(name="ada"),
        )
        assert prepared.level is prepared.declared
        assert outline(step, environment).stages
        assert "<" not in prepared.script.replace("<<EOF", "") or prepared.level is not Level.READ


def test_a_step_tells_the_operator_why_it_is_dangerous() -> None:
    steps = imported(DOCUMENTS["node-disk-pressure"]).steps
    (step,) = [step for step in steps if step.title == "Remove what nobody uses"]
    warning, first, second = step.notices
    assert warning.kind == "warning"
    assert "docker: removes containers" in first.text
    assert "kubernetes: deletes objects" in second.text
    assert [command.level for command in step.commands] == [
        Level.DESTRUCTIVE, Level.DESTRUCTIVE, Level.CHANGE]  # fmt: skip


def test_expected_output_must_be_printed() -> None:
    expected = {
        step.title: step.expect
        for name in DOCUMENTS
        for step in imported(DOCUMENTS[name]).steps
        if step.expect
    }
    assert expected == {
        "Confirm that the primary is healthy": ("f",),
        "How full is it: Deleted files that are still open": ("Filesystem …", "/dev/sda1 …"),
        "Put the new one in": ("md0 : active raid1 sdb1[2] sda1[0]", "[2/2] [UU]"),
        "With the console": ("quotas:", "- limit: 72.0"),
    }


def _path(name: str) -> Path:
    return Path("team") / f"{name}.md"

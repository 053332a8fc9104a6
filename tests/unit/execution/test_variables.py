"""References are resolved or refused, and inputs are held against their declaration."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.errors import RunError
from procedures.execution.variables import (
    expand,
    public_inputs,
    referenced,
    secret_inputs,
    validate_inputs,
)
from procedures.runbook.model import Input, Procedure


def procedure(**inputs: Input) -> Procedure:
    return Procedure(
        id="restart", title="Restart", path=Path("x.md"), digest="0", source="", inputs=inputs
    )


def test_only_the_variables_that_a_command_mentions_are_shown() -> None:
    shown = referenced('curl "$API/x" ${b:-1} ${#c}', {"API": "u", "b": "2", "c": "3", "d": "4"})
    assert shown == {"API": "u", "b": "2", "c": "3"}


def test_an_unknown_variable_in_a_check_is_an_error_and_not_an_empty_text() -> None:
    assert expand("$API/health ${API}", {"API": "http://x"}) == "http://x/health http://x"
    with pytest.raises(RunError, match=r"\$PROMETHEUS is not known"):
        expand("$PROMETHEUS/api", {})


@given(value=st.text())
def test_values_are_never_expanded_again(value: str) -> None:
    assert expand("<$a>", {"a": value}) == f"<{value}>"


REPLICAS = Input(name="replicas", type="integer", default="3", minimum=1, maximum=20)


@pytest.mark.parametrize(
    ("asked", "values", "problem"),
    [
        (REPLICAS, {"replicas": "three"}, "replicas: 'three' is not a whole number"),
        (REPLICAS, {"replicas": " 3"}, "replicas: ' 3' is not a whole number"),
        (REPLICAS, {"replicas": "0"}, "replicas: 0 is less than 1"),
        (REPLICAS, {"replicas": "21"}, "replicas: 21 is more than 20"),
        (REPLICAS, {"replicsa": "3"}, "replicsa: there is no such input"),
        (Input(name="tag"), {}, "tag: a value is needed"),
        (Input(name="tag"), {"tag": " "}, "tag: a value is needed"),
        (Input(name="tag"), {"tag": "a\nb"}, "tag: it must be one line"),
        (Input(name="db", type="choice", choices=("a", "b")), {"db": "c"}, "none of a, b"),
        (Input(name="file", type="path", must_exist=True), {"file": "/no/x"}, "does not exist"),
    ],
)
def test_a_wrong_input_is_named_with_its_reason(
    asked: Input, values: Mapping[str, str], problem: str
) -> None:
    with pytest.raises(RunError, match=problem):
        validate_inputs(procedure(**{asked.name: asked}), values)


def test_all_wrong_inputs_are_named_at_once() -> None:
    with pytest.raises(RunError, match=r"replicas: .*; tag: a value is needed"):
        validate_inputs(procedure(replicas=REPLICAS, tag=Input(name="tag")), {"replicas": "x"})


def test_defaults_complete_the_inputs() -> None:
    accepted = validate_inputs(procedure(replicas=REPLICAS, tag=Input(name="tag")), {"tag": "v1"})
    assert accepted == {"replicas": "3", "tag": "v1"}


PIN = Input(name="pin", type="integer", minimum=1000, secret=True)


def test_secret_inputs_are_kept_apart_from_those_that_are_recorded() -> None:
    asked = procedure(pin=PIN, tag=Input(name="tag"))
    values = validate_inputs(asked, {"pin": "4711", "tag": "v1"})
    assert public_inputs(asked, values) == {"tag": "v1"}
    assert secret_inputs(asked, values) == {"pin": "4711"}


@pytest.mark.parametrize("value", ["0815x", "815"])
def test_what_is_wrong_with_a_secret_is_told_without_it(value: str) -> None:
    with pytest.raises(RunError, match="pin: it is") as raised:
        validate_inputs(procedure(pin=PIN), {"pin": value})
    assert value not in str(raised.value)

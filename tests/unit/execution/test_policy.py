"""The higher level counts, the strictest rule wins, and read-only means it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.environment import Environment, Method, Tier
from procedures.errors import RunError
from procedures.execution.policy.policy import (
    Confirmation,
    Operator,
    Policy,
    Rule,
    Ruling,
    confirm_word,
    require_approver,
    rule_on,
)
from procedures.reference.levels import Level
from procedures.runbook.model import Command

ADA = Operator(name="ada", groups=frozenset({"oncall"}))
GRACE = Operator(name="grace")


def ruling(
    *rules: Rule,
    declared: Level = Level.CHANGE,
    found: Level = Level.READ,
    tier: Tier = Tier.STAGING,
    read_only: bool = False,
    operator: Operator = ADA,
) -> Ruling:
    environment = Environment(
        name="prod-eu" if tier is Tier.PRODUCTION else "lab",
        tier=tier,
        method=Method.DOCKER,
        read_only=read_only,
    )
    return rule_on(
        declared,
        found,
        policy=Policy(rules=rules),
        environment=environment,
        procedure_id="cache-flush",
        operator=operator,
    )


@pytest.mark.parametrize(
    ("declared", "found", "tier", "expected"),
    [
        (Level.READ, Level.READ, Tier.PRODUCTION, Level.READ),
        (Level.READ, Level.DESTRUCTIVE, Tier.SANDBOX, Level.DESTRUCTIVE),
        (Level.DESTRUCTIVE, Level.READ, Tier.SANDBOX, Level.DESTRUCTIVE),
        (Level.CHANGE, Level.READ, Tier.STAGING, Level.CHANGE),
        (Level.CHANGE, Level.READ, Tier.PRODUCTION, Level.DESTRUCTIVE),
        (Level.READ, Level.CHANGE, Tier.PRODUCTION, Level.DESTRUCTIVE),
    ],
)
def test_a_command_is_as_dangerous_as_the_worst_that_is_known_of_it(
    declared: Level, found: Level, tier: Tier, expected: Level
) -> None:
    assert ruling(declared=declared, found=found, tier=tier).level is expected


def test_the_more_dangerous_the_more_an_operator_has_to_do() -> None:
    levels = (Level.READ, Level.CHANGE, Level.DESTRUCTIVE)
    asked = [ruling(declared=level).confirmation for level in levels]
    assert asked == [Confirmation.NONE, Confirmation.DIALOG, Confirmation.TYPED]


def test_the_word_to_type_is_the_environment_unless_the_document_names_another() -> None:
    environment = Environment(name="prod-eu", tier=Tier.PRODUCTION, method=Method.DOCKER)
    assert confirm_word(Command(script="x", line=1), environment) == "prod-eu"
    assert confirm_word(Command(script="x", line=1, confirm="redis"), environment) == "redis"


@pytest.mark.parametrize("level", [Level.CHANGE, Level.DESTRUCTIVE])
def test_a_read_only_console_runs_nothing_that_changes(level: Level) -> None:
    ruling(declared=Level.READ, read_only=True).require_permitted()
    with pytest.raises(RunError, match="read-only"):
        ruling(declared=level, read_only=True).require_permitted()


def test_a_rule_names_who_may_run_a_command_by_name_or_by_group() -> None:
    rule = Rule(operators=("%oncall",), because="ask the one on call")
    ruling(rule).require_permitted()
    ruling(Rule(operators=("grace",)), operator=GRACE).require_permitted()
    with pytest.raises(RunError, match=r"lets only %oncall .* not grace: ask the one on call"):
        ruling(rule, operator=GRACE).require_permitted()


def test_a_rule_speaks_only_of_the_commands_that_it_matches() -> None:
    for rule in (
        Rule(environments=("prod-*",), read_only=True),
        Rule(procedures=("dr-*",), read_only=True),
        Rule(levels=(Level.DESTRUCTIVE,), read_only=True),
    ):
        ruling(rule).require_permitted()
    everywhere = Rule(read_only=True)
    with pytest.raises(RunError, match="lets nobody run this destructive in prod-eu"):
        ruling(everywhere, tier=Tier.PRODUCTION).require_permitted()


def test_a_failed_precondition_is_overridden_outside_production_only() -> None:
    assert ruling().may_override
    assert not ruling(tier=Tier.PRODUCTION).may_override
    assert ruling(declared=Level.READ, tier=Tier.PRODUCTION).may_override
    assert not ruling(Rule(override=False)).may_override


def test_a_second_person_is_one_of_those_whom_the_policy_names() -> None:
    rule = Rule(second_person=True, approvers=("grace",))
    assert ruling(rule).second_person
    policy = Policy(rules=(rule,))

    def asked(operator: Operator) -> None:
        require_approver(
            operator,
            policy=policy,
            environment="lab",
            procedure_id="cache-flush",
            level=Level.CHANGE,
        )

    asked(GRACE)
    with pytest.raises(RunError, match="lets only grace approve this, and not ada"):
        asked(ADA)


RULES = st.builds(
    Rule,
    environments=st.sampled_from([("*",), ("lab",), ("prod-*",)]),
    levels=st.sampled_from([(Level.CHANGE,), (Level.CHANGE, Level.DESTRUCTIVE), tuple(Level)]),
    read_only=st.booleans(),
    operators=st.sampled_from([(), ("ada",), ("grace",), ("%oncall",)]),
    second_person=st.booleans(),
    override=st.booleans(),
)


@given(
    st.lists(RULES, max_size=4),
    RULES,
    st.sampled_from(Level),
    st.sampled_from([Tier.STAGING, Tier.PRODUCTION]),
    st.sampled_from([ADA, GRACE]),
)
def test_one_more_rule_never_allows_more(
    rules: list[Rule], more: Rule, level: Level, tier: Tier, operator: Operator
) -> None:
    before = ruling(*rules, declared=level, tier=tier, operator=operator)
    after = ruling(*rules, more, declared=level, tier=tier, operator=operator)
    assert not before.refusal or after.refusal
    assert before.may_override or not after.may_override
    assert not before.second_person or after.second_person
    assert after.confirmation is before.confirmation

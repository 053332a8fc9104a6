"""``quarterdeck policy``: what the team allows here, and whether a file can say so."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.commands.arguments import Parser, add_settings_options

if TYPE_CHECKING:
    from procedures.execution.policy.policy import Policy, Rule

_EPILOG = """\
The file is the one that `policy` names in the settings, else /etc/quarterdeck/policy.toml, else
there is none and what is built in holds. Keep it where operators cannot change it.

exit status:
  0  the policy is in force, or the file can be
  2  it cannot be read or understood; nothing is run by a console that does not know its policy

examples:
  quarterdeck policy                    what holds here, and where it comes from
  quarterdeck policy check policy.toml  before it is put in its place
"""


def add_parser(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command and its verb to the program."""
    parser = commands.add_parser(
        "policy",
        help="show what the team allows, or check a policy file",
        description="Show the policy in force and where it comes from.",
        epilog=_EPILOG,
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    add_settings_options(parser)
    parser.set_defaults(run=run, parser=parser)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB")
    check = verbs.add_parser(
        "check", help="check a policy file", description="Check a policy file.", epilog=_EPILOG
    )
    check.add_argument("file", type=Path, metavar="FILE")
    check.set_defaults(run=run_check, parser=check)


def run(arguments: argparse.Namespace) -> int:
    """Print what holds here."""
    from procedures.execution.policy.policy_file import load_policy
    from tui.commands.chosen import chosen_policy

    policy = load_policy(chosen_policy(arguments))
    print(json.dumps(_plain(policy), indent=2) if arguments.json else _text(policy))
    return 0


def run_check(arguments: argparse.Namespace) -> int:
    """Print how many rules a file holds; PolicyError names what is wrong and where."""
    from procedures.execution.policy.policy_file import read_policy

    policy = read_policy(arguments.file)
    count = len(policy.rules)
    print(f"{arguments.file}: can be used, {count} rule{'' if count == 1 else 's'}")
    return 0


def _text(policy: "Policy") -> str:
    raised = ", ".join(tier.value for tier in policy.raise_changes_in) or "nowhere"
    overridden = ", ".join(tier.value for tier in policy.override_in) or "nowhere"
    lines = [
        f"{'from':<22} {policy.source or 'what is built in; there is no file'}",
        f"{'changes are raised in':<22} {raised}",
        f"{'override allowed in':<22} {overridden}",
        f"{'an approval expires in':<22} {policy.approval_expires_s / 60:g} min",
    ]
    for n, rule in enumerate(policy.rules, start=1):
        lines += ["", f"rule {n}", *(f"  {word}" for word in _demands(rule))]
    return "\n".join(lines)


def _demands(rule: "Rule") -> list[str]:
    from procedures.execution.cleaning import clean_line

    levels = " or ".join(level.value for level in rule.levels)
    words = [
        f"for {levels} commands of {', '.join(rule.procedures)} in {', '.join(rule.environments)}"
    ]
    if rule.read_only:
        words.append("nobody runs them")
    if rule.operators:
        words.append(f"only {', '.join(rule.operators)} run them")
    if rule.second_person:
        by = f": {', '.join(rule.approvers)}" if rule.approvers else ""
        words.append(f"a second person approves each{by}")
    if not rule.override:
        words.append("a failed precondition stops everybody")
    if rule.because:
        words.append(f"because: {rule.because}")
    return [clean_line(word, limit=400) for word in words]


def _plain(policy: "Policy") -> dict[str, Any]:
    return {
        "source": policy.source,
        "raise_changes_in": [tier.value for tier in policy.raise_changes_in],
        "override_in": [tier.value for tier in policy.override_in],
        "approval_expires_s": policy.approval_expires_s,
        "rules": [
            {
                "environments": list(rule.environments),
                "procedures": list(rule.procedures),
                "levels": [level.value for level in rule.levels],
                "read_only": rule.read_only,
                "operators": list(rule.operators),
                "second_person": rule.second_person,
                "approvers": list(rule.approvers),
                "override": rule.override,
                "because": rule.because,
            }
            for rule in policy.rules
        ],
    }

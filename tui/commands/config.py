"""``quarterdeck config``: write, show and try the settings."""

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from tui.commands.arguments import Parser, add_settings_options
from tui.commands.chosen import chosen_settings

if TYPE_CHECKING:
    from tui.commands.trial import Trial

_EPILOG = """\
The settings file is the first of these that exists:
  --config FILE
  $QUARTERDECK_CONFIG
  $XDG_CONFIG_HOME/quarterdeck/settings.toml
  ~/.config/quarterdeck/settings.toml

examples:
  quarterdeck config init               find the service, and write a commented file that only
                                        you can read
  quarterdeck config init --no-detect   write the examples alone
  quarterdeck config show               what the console understood, without any secret
  quarterdeck config check              is every address right, and does it answer?
  quarterdeck config check --json       the same for programs
"""


def add_parser(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command and its verbs to the program."""
    parser = commands.add_parser(
        "config",
        help="write, show or try the settings",
        description="The settings name the environments that the console can open.",
        epilog=_EPILOG,
    )
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    init = verbs.add_parser(
        "init",
        help="find the service, and write a commented settings file",
        description="Look for the service in compose projects, contexts and units, try the usual "
        "addresses, and write a commented settings file with what is found. Nothing is changed "
        "anywhere; what cannot be asked is told.",
    )
    init.add_argument("--force", action="store_true", help="replace a file that exists")
    init.add_argument(
        "--no-detect",
        "--blank",
        dest="detect",
        action="store_false",
        help="look for nothing, and write the examples alone",
    )
    init.add_argument("--json", action="store_true", help="print one JSON object instead")
    show = verbs.add_parser("show", help="print the resolved settings, without secrets")
    check = verbs.add_parser(
        "check",
        help="try every address and target",
        description="Validate the settings and try every address and target that they name.",
        epilog="exit status:\n  0  all is well\n  1  something is wrong with the settings, "
        "or does not answer",
    )
    check.add_argument("--json", action="store_true", help="print one JSON object instead")
    for verb, run in ((init, run_init), (show, run_show), (check, run_check)):
        add_settings_options(verb)
        verb.set_defaults(run=run, parser=verb)


def run_init(arguments: argparse.Namespace) -> int:
    """Write a settings file with what is found, or the plain template."""
    from tui.commands import config_init

    return config_init.run_init(arguments)


def run_show(arguments: argparse.Namespace) -> int:
    """Print what the console understood."""
    from tui.settings.describe import describe

    print(describe(chosen_settings(arguments), getattr(arguments, "environment", "")))
    return 0


def run_check(arguments: argparse.Namespace) -> int:
    """Try everything that the settings name; a file that cannot be used is a finding too."""
    from procedures.errors import SettingsError
    from tui.commands.trial import trial_of_ledger, trials_of

    name = getattr(arguments, "environment", "")
    try:
        settings = chosen_settings(arguments)
        chosen = [settings.environment(name)] if name else list(settings.environments.values())
    except SettingsError as error:
        if arguments.json:
            print(json.dumps({"passed": False, "fault": error.what, "fix": error.fix}, indent=2))
        arguments.failure_status = 1
        raise
    trials = trials_of(chosen)
    if settings.ledger is not None:
        trials.append(trial_of_ledger(settings.ledger))
    passed = all(trial.passed for trial in trials)
    if arguments.json:
        told = {"passed": passed, "trials": [asdict(trial) for trial in trials]}
        print(json.dumps(told, indent=2))
    else:
        print("\n".join([f"{settings.path}: valid", *map(_line, trials)]))
    return 0 if passed else 1


def _line(trial: "Trial") -> str:
    word = "ok" if trial.passed else "FAILED"
    line = f"{word:<6}  {trial.environment}.{trial.key}  {trial.tried}: {trial.said}"
    return f"{line}\n        {trial.fix}" if trial.fix else line

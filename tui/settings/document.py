"""The text of a settings file becomes Settings, or one error that tells every problem."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from procedures.environment import Environment
from procedures.errors import SettingsError
from procedures.fleet.fleet import Fleet
from procedures.ledger.address import LedgerAddress
from procedures.runbook.problems import nearest
from tui.settings.catalogues import read_procedures
from tui.settings.endpoints import EndpointReader
from tui.settings.environments import Known, read_environment
from tui.settings.fleet import read_fleet
from tui.settings.ledger import read_ledger
from tui.settings.problems import Problems
from tui.settings.table import Table

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A settings file that can be used.

    Attributes:
        default: Name of the environment to open when none is asked for; may be empty.
        environments: By name, in the order of the file; never empty.
        procedures: Directories of documents, a team's own before what is shipped.
        policy: File of what the team allows; None for that of the machine.
        ledger: Where the team keeps its record; None when this machine keeps its own.
        fleet: Who is watched together.
    """

    path: Path
    default: str
    environments: Mapping[str, Environment]
    procedures: tuple[Path, ...]
    policy: Path | None = None
    ledger: LedgerAddress | None = None
    fleet: Fleet = field(default_factory=Fleet)

    def environment(self, name: str = "") -> Environment:
        """Return the environment called ``name``, or the default; SettingsError without one."""
        wanted = name or self.default
        if not wanted:
            raise SettingsError(
                f"{self.path} holds several environments and no default",
                fix=f"Choose with --environment: {', '.join(self.environments)}",
            )
        if wanted not in self.environments:
            raise SettingsError(
                f"{self.path} holds no environment '{wanted}'",
                fix=nearest(wanted, self.environments),
            )
        return self.environments[wanted]


def parse(source: str, path: Path, *, known: Known, exposed: str = "") -> Settings:
    """Return the settings that ``source`` holds.

    Args:
        source: The text of the file.
        path: Where the text comes from: named in errors, and the base of relative paths.
        known: The indicators whose thresholds may be overridden.
        exposed: Advice for secrets in the text, when others than its owner can read it.

    Raises:
        SettingsError: With every problem of the file, each with its line where that is known.
    """
    try:
        values = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"{path}: is not valid TOML: {error}", fix="Correct that line; strings need quotes"
        ) from error
    problems = Problems(path, source)
    root = Table(values, at=(), problems=problems)
    endpoints = EndpointReader(base=path.parent, exposed=exposed)
    environments = _environments(root.table("environment"), endpoints, known)
    procedures = read_procedures(root.table("procedures"), endpoints)
    policy = endpoints.path(root, "policy")
    ledger = read_ledger(root.table("ledger"), endpoints)
    fleet = read_fleet(root.table("fleet"), endpoints, environments)
    default = root.text("default")
    root.close()
    if default and default not in environments:
        root.refuse("default", f"'{default}' is no environment", fix=nearest(default, environments))
    problems.raise_if_any()
    if not default and len(environments) == 1:
        default = next(iter(environments))
    return Settings(
        path=path,
        default=default,
        environments=environments,
        procedures=procedures,
        policy=policy,
        ledger=ledger,
        fleet=fleet,
    )


def _environments(
    tables: Table, endpoints: EndpointReader, known: Known
) -> Mapping[str, Environment]:
    environments = {}
    for name in tables:
        if not _NAME.fullmatch(name):
            tables.refuse(
                name, "is no name for an environment", fix="Use letters, digits, '.', '_' and '-'"
            )
        environments[name] = read_environment(
            name, tables.table(name), endpoints=endpoints, known=known
        )
    if not environments:
        tables.problems.add(
            (), "holds no environment", fix="Add a table such as [environment.production]"
        )
    return environments

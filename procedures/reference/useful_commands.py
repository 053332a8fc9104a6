"""The commands that an operator types most, in the forms that work."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from procedures.environment import Method
from procedures.reference.tables import DIRECTORY, Table, read_tables


@dataclass(frozen=True, slots=True, kw_only=True)
class UsefulCommand:
    """What one wants to do, and what to type for it.

    Attributes:
        lines: The command line of each method for which it is known.
        procedure: Id of the procedure that does it with checks; empty if there is none.
    """

    name: str
    lines: Mapping[Method, str]
    procedure: str
    about: str


@cache
def load_useful_commands() -> tuple[UsefulCommand, ...]:
    """Return the commands in the order of the file; PolicyDataError names what is wrong."""
    return tuple(map(_command, read_tables(DIRECTORY / "useful_commands.toml", "command")))


def _command(table: Table) -> UsefulCommand:
    everywhere = table.text("any", "")
    lines = {method: table.text(method.value, everywhere) for method in Method}
    command = UsefulCommand(
        name=table.text("name"),
        lines=MappingProxyType({method: line for method, line in lines.items() if line}),
        procedure=table.text("procedure", ""),
        about=table.text("about", ""),
    )
    table.finish()
    if not (command.lines or command.procedure):
        raise table.error("any", "there is nothing to do", fix="Give a command or a procedure")
    return command

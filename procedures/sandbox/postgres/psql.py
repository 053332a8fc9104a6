"""psql: its command line, its scripts and its meta-commands."""

import argparse
import re
import sys
from pathlib import Path

from procedures.sandbox.control_client import Control
from procedures.sandbox.postgres import copying
from procedures.sandbox.postgres.access import Address, Server
from procedures.sandbox.postgres.cluster import MAINTENANCE, OWNER, DatabaseError
from procedures.sandbox.postgres.dialect import statements, with_variables
from procedures.sandbox.postgres.rendering import Style, rendered
from procedures.sandbox.postgres.session import Session
from procedures.sandbox.shims.usage import Parser, ToolError, UnknownUsageError, complain, say

_FAILED, _SCRIPT_FAILED = 1, 3


def run(control: Control, argv: list[str]) -> int:
    """Answer one psql command line."""
    if argv in (["--version"], ["-V"]):
        say("psql (PostgreSQL) 16.1")
        return 0
    options = _parser().parse_args(argv)
    address = Address(
        database=options.database or options.name or ("postgres" if options.list else ""),
        user=options.user or options.username or "",
        host=options.host or "",
        port=options.port or "",
    )
    server = Server(control, program="psql")
    session = server.connect(address)
    return _Client(session, server, options).run()


def _parser() -> Parser:
    parser = Parser("psql")
    for flags in (("-d", "--dbname"), ("-U", "--username"), ("-h", "--host"), ("-p", "--port")):
        parser.add_argument(*flags, dest=flags[1].removeprefix("--").replace("dbname", "database"))
    parser.add_argument("-c", "--command", action="append", default=[])
    parser.add_argument("-f", "--file", action="append", default=[])
    parser.add_argument("-v", "--set", "--variable", action="append", default=[])
    parser.add_argument("-P", "--pset", action="append", default=[])
    parser.add_argument("-F", "--field-separator", default="|")
    parser.add_argument("-o", "--output")
    for flags in (
        *(("-A", "--no-align"), ("-t", "--tuples-only"), ("-q", "--quiet"), ("-X", "--no-psqlrc")),
        *(
            ("-w", "--no-password"),
            ("-x", "--expanded"),
            ("-l", "--list"),
            ("-e", "--echo-queries"),
        ),
        *(("-1", "--single-transaction"), ("-a", "--echo-all"), ("-b", "--echo-errors")),
    ):
        parser.add_argument(*flags, action="store_true")
    parser.add_argument("--csv", action="store_true")
    parser.add_argument("name", nargs="?")
    parser.add_argument("user", nargs="?")
    return parser


class _Client:
    def __init__(self, session: Session, server: Server, options: argparse.Namespace) -> None:
        self._session = session
        self._server = server
        self._options = options
        self._variables = dict(each.partition("=")[::2] for each in options.set)
        psets = dict(each.partition("=")[::2] for each in options.pset)
        self._style = Style(
            aligned=not (options.no_align or psets.get("format") == "unaligned"),
            tuples_only=options.tuples_only or psets.get("tuples_only") == "on",
            separator=psets.get("fieldsep", options.field_separator),
            csv=options.csv or psets.get("format") == "csv",
            expanded=options.expanded,
            null=psets.get("null", ""),
        )

    def run(self) -> int:
        if self._options.list:
            self._list()
            return 0
        if self._options.command:
            for command in self._options.command:
                for statement in statements(command) if command.lstrip()[:1] != "\\" else [command]:
                    if not self._carried_out(statement, where=""):
                        return _FAILED
            return 0
        for name in self._options.file or ["-"]:
            if not self._script(name):
                return _SCRIPT_FAILED
        return 0

    def _script(self, name: str) -> bool:
        """Carry out a file, or standard input; False if it stopped at an error."""
        try:
            text = sys.stdin.read() if name == "-" else Path(name).read_text()
        except OSError as error:
            raise ToolError(f"psql: error: {name}: {error.strerror}") from error
        shown = "<stdin>" if name == "-" else name
        stops = self._variables.get("ON_ERROR_STOP", "") in {"1", "on", "true"}
        if self._options.single_transaction:
            self._session.execute("BEGIN")
        for statement, data in copying.script_parts(text):
            if not self._carried_out(statement, where=f"psql:{shown}: ", data=data) and stops:
                return False
        if self._options.single_transaction:
            self._session.execute("COMMIT")
        return True

    def _carried_out(self, statement: str, *, where: str, data: str | None = None) -> bool:
        statement = with_variables(statement, self._variables)
        try:
            if statement.startswith("\\") and not statement.startswith("\\copy"):
                self._meta(statement)
            elif copy := copying.parsed(statement):
                self._copy(copy, data)
            else:
                self._statement(statement)
        except DatabaseError as error:
            complain(f"{where}ERROR:  {error}")
            if error.detail:
                complain(f"DETAIL:  {error.detail}")
            return False
        return True

    def _statement(self, statement: str) -> None:
        result = self._session.execute(statement)
        if result.columns:
            say(rendered(result.columns, result.rows, self._style))
        elif result.tag and not self._options.quiet:
            say(result.tag)

    def _copy(self, copy: copying.Copy, data: str | None) -> None:
        if copy.reads:
            count = copying.read_into(self._session, copy, data)
        else:
            count = copying.write_out(self._session, copy)
        if (copy.reads or copy.file) and not self._options.quiet:
            say(f"COPY {count}")

    def _meta(self, command: str) -> None:
        word, _, rest = command.partition(" ")
        if word == "\\echo":
            say(rest.strip().strip("'"))
        elif word in {"\\l", "\\list"}:
            self._list()
        elif word in {"\\dt", "\\d"} and not rest:
            self._statement("SELECT tablename FROM pg_tables ORDER BY 1")
        elif word == "\\conninfo":
            say(f'You are connected to database "{self._session.database}".')
        elif word == "\\set":
            name, _, value = rest.partition(" ")
            self._variables[name] = value.strip().strip("'")
        elif word == "\\q":
            sys.exit(0)
        elif word not in {"\\timing", "\\pset", "\\x", "\\t", "\\a"}:
            raise UnknownUsageError(f"psql's {command}")

    def _list(self) -> None:
        names = sorted([*MAINTENANCE, *self._server.cluster.names()])
        rows = [(name, OWNER, "UTF8", "libc", "C.UTF-8", "C.UTF-8") for name in names]
        head = ("Name", "Owner", "Encoding", "Locale Provider", "Collate", "Ctype")
        if self._style.aligned and not self._style.tuples_only:
            say(re.sub(r"^", "", "List of databases".center(60)).rstrip())
        say(rendered(head, rows, self._style))

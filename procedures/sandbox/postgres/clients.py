"""PostgreSQL's client programs beside psql."""

import argparse
import sys
from pathlib import Path

from procedures.sandbox.control_client import Control
from procedures.sandbox.postgres import dumps
from procedures.sandbox.postgres.access import Address, Server
from procedures.sandbox.postgres.cluster import DatabaseError
from procedures.sandbox.shims.usage import Parser, ToolError, UnknownUsageError, complain, say

_NOT_READY = 2


def _connection(parser: Parser) -> Parser:
    for flags in (("-U", "--username"), ("-h", "--host"), ("-p", "--port")):
        parser.add_argument(*flags, default="")
    for flags in (("-w", "--no-password"), ("-v", "--verbose"), ("-q", "--quiet")):
        parser.add_argument(*flags, action="store_true")
    return parser


def _address(options: argparse.Namespace, database: str) -> Address:
    return Address(database=database, user=options.username, host=options.host, port=options.port)


def pg_isready(control: Control, argv: list[str]) -> int:
    """Tell whether the server accepts connections."""
    parser = _connection(Parser("pg_isready"))
    parser.add_argument("-d", "--dbname")
    parser.add_argument("-t", "--timeout")
    options = parser.parse_args(argv)
    where = f"{options.host or '/var/run/postgresql'}:{options.port or 5432}"
    ready = Server(control, program="pg_isready").ready()
    if not options.quiet:
        say(f"{where} - {'accepting connections' if ready else 'no response'}")
    return 0 if ready else _NOT_READY


def createdb(control: Control, argv: list[str]) -> int:
    """Make an empty database."""
    parser = _connection(Parser("createdb"))
    for flags in (("-O", "--owner"), ("-T", "--template"), ("-E", "--encoding")):
        parser.add_argument(*flags)
    parser.add_argument("name")
    options = parser.parse_args(argv)
    server = Server(control, program="createdb")
    server.connect(_address(options, "postgres"))
    try:
        server.cluster.create(options.name)
    except DatabaseError as error:
        raise ToolError(f"createdb: error: database creation failed: ERROR:  {error}") from error
    return 0


def dropdb(control: Control, argv: list[str]) -> int:
    """Remove a database."""
    parser = _connection(Parser("dropdb"))
    parser.add_argument("--if-exists", action="store_true")
    parser.add_argument("-f", "--force", action="store_true")
    parser.add_argument("name")
    options = parser.parse_args(argv)
    session = Server(control, program="dropdb").connect(_address(options, "postgres"))
    missing_ok = "IF EXISTS " if options.if_exists else ""
    forced = " WITH (FORCE)" if options.force else ""
    try:
        session.execute(f'DROP DATABASE {missing_ok}"{options.name}"{forced}')
    except DatabaseError as error:
        detail = f"\nDETAIL:  {error.detail}" if error.detail else ""
        text = f"dropdb: error: database removal failed: ERROR:  {error}{detail}"
        raise ToolError(text) from error
    return 0


def pg_dump(control: Control, argv: list[str]) -> int:
    """Save a database."""
    parser = _connection(Parser("pg_dump"))
    parser.add_argument("-F", "--format", default="p")
    parser.add_argument("-f", "--file")
    parser.add_argument("-d", "--dbname")
    parser.add_argument("-t", "--table", action="append", default=[])
    parser.add_argument("-Z", "--compress")
    for flags in (
        *(("-s", "--schema-only"), ("-a", "--data-only"), ("-O", "--no-owner")),
        *(("-x", "--no-privileges"), ("-c", "--clean"), ("-C", "--create")),
    ):
        parser.add_argument(*flags, action="store_true")
    parser.add_argument("name", nargs="?")
    options = parser.parse_args(argv)
    server = Server(control, program="pg_dump")
    name = server.connect(_address(options, options.name or options.dbname or "")).database
    tables = tuple(each.removeprefix("public.") for each in options.table)
    archive = dumps.taken(server.cluster.path(name), name, tables)
    if tables and not archive.tables:
        raise ToolError("pg_dump: error: no matching tables were found")
    if options.format in {"c", "custom"}:
        content = dumps.packed(archive)
    elif options.format in {"p", "plain"}:
        sql = dumps.as_sql(archive, schema=not options.data_only, data=not options.schema_only)
        content = sql.encode()
    else:
        raise UnknownUsageError(f"-F {options.format}")
    if options.file:
        Path(options.file).write_bytes(content)
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
    return 0


def pg_restore(control: Control, argv: list[str]) -> int:
    """List an archive, or put it into a database."""
    parser = _connection(Parser("pg_restore"))
    parser.add_argument("-d", "--dbname", default="")
    parser.add_argument("-t", "--table", action="append", default=[])
    parser.add_argument("-f", "--file", default="")
    parser.add_argument("-j", "--jobs")
    parser.add_argument("-F", "--format")
    for flags in (
        *(("-l", "--list"), ("-O", "--no-owner"), ("-x", "--no-privileges"), ("-c", "--clean")),
        *(("-a", "--data-only"), ("-s", "--schema-only"), ("-1", "--single-transaction")),
        *(("-e", "--exit-on-error"), ("--if-exists",), ("--no-acl",)),
    ):
        parser.add_argument(*flags, action="store_true")
    parser.add_argument("archive", nargs="?")
    options = parser.parse_args(argv)
    archive = _archive(options.archive)
    if options.list:
        say(dumps.contents(archive))
        return 0
    if options.file:
        sql = dumps.as_sql(archive, schema=not options.data_only, data=not options.schema_only)
        if options.file != "-":
            Path(options.file).write_text(sql)
        else:
            say(sql.rstrip("\n"))
        return 0
    if not options.dbname:
        raise ToolError("pg_restore: error: one of -d/--dbname and -f/--file must be specified")
    server = Server(control, program="pg_restore")
    name = server.connect(_address(options, options.dbname)).database
    fault = dumps.put_back(
        archive,
        server.cluster.path(name),
        clean=options.clean,
        data_only=options.data_only,
        only=tuple(options.table),
    )
    if fault:
        complain(f"pg_restore: error: could not execute query: ERROR:  {fault}")
        return 1
    return 0


def pg_basebackup(control: Control, argv: list[str]) -> int:
    """Save the whole cluster."""
    parser = _connection(Parser("pg_basebackup"))
    parser.add_argument("-D", "--pgdata", required=True)
    parser.add_argument("-F", "--format", default="p")
    for flags in (
        *(("-X", "--wal-method"), ("-Z", "--compress"), ("-c", "--checkpoint"), ("-l", "--label")),
    ):
        parser.add_argument(*flags)
    for flags in (("-P", "--progress"), ("-z", "--gzip"), ("-R", "--write-recovery-conf")):
        parser.add_argument(*flags, action="store_true")
    options = parser.parse_args(argv)
    Server(control, program="pg_basebackup").connect(_address(options, "postgres"))
    from procedures.sandbox.postgres import base_backups  # only this wants it

    return base_backups.write(
        control.state,
        options.pgdata,
        as_tar=options.format in {"t", "tar"},
        gzip=options.gzip or bool(options.compress),
    )


def pg_verifybackup(control: Control, argv: list[str]) -> int:
    """Hold a base backup against its manifest."""
    del control
    parser = Parser("pg_verifybackup")
    for flags in (("-n", "--no-parse-wal"), ("-q", "--quiet"), ("-e", "--exit-on-error")):
        parser.add_argument(*flags, action="store_true")
    parser.add_argument("folder")
    options = parser.parse_args(argv)
    from procedures.sandbox.postgres import base_backups  # only this wants it

    if fault := base_backups.fault_of(Path(options.folder)):
        raise ToolError(f"pg_verifybackup: error: {fault}")
    if not options.quiet:
        say("backup successfully verified")
    return 0


def _archive(name: str | None) -> dumps.Archive:
    try:
        content = Path(name).read_bytes() if name and name != "-" else sys.stdin.buffer.read()
    except OSError as error:
        text = f'pg_restore: error: could not open input file "{name}": {error.strerror}'
        raise ToolError(text) from error
    try:
        return dumps.unpacked(content)
    except dumps.ArchiveError as error:
        raise ToolError(f"pg_restore: error: {error}") from error

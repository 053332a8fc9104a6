"""PostgreSQL's client programs by name, and whether the real ones answer instead."""

from collections.abc import Callable

from procedures.sandbox.control_client import Control

NAMES = (
    *("psql", "pg_dump", "pg_restore", "createdb", "dropdb", "pg_isready"),
    *("pg_basebackup", "pg_verifybackup"),
)


def answering(program: str) -> Callable[[Control, list[str]], int] | None:
    """Return what answers for ``program``; None if it is no program of PostgreSQL."""
    if program not in NAMES:
        return None

    def answer(control: Control, argv: list[str]) -> int:
        from procedures.sandbox.postgres import real

        if server := real.server_of(control.state):
            return real.run(server, program, argv)
        if program == "psql":
            from procedures.sandbox.postgres import psql

            return psql.run(control, argv)
        from procedures.sandbox.postgres import clients

        client: Callable[[Control, list[str]], int] = getattr(clients, program)
        return client(control, argv)

    return answer

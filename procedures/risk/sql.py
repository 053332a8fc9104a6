"""How dangerous SQL text and psql's own commands are."""

import re

from procedures.risk.verdicts import HARMLESS, Verdict, change, destructive, worse
from procedures.risk.words import HOLE

_NOISE = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_READS = frozenset({"select", "show", "explain", "values", "table", "with", "begin", "commit",
                    "rollback", "end"})  # fmt: skip
_DESTROYS = {
    "drop": "drops objects of the database",
    "truncate": "empties tables",
    "delete": "deletes rows",
    "update": "overwrites rows",
    "merge": "overwrites rows",
    "pg_terminate_backend": "ends sessions of others",
    "pg_promote": "makes a replica a primary",
    "pg_read_file": "reads files of the server",
    "lo_unlink": "deletes large objects",
    "do": "runs text that is not read",
    "copy": "reads or writes files",
    "full": "locks and rewrites whole tables",
}
_CHANGES = frozenset({"insert", "into", "create", "alter", "pg_cancel_backend", "pg_reload_conf",
                      "analyze", "set_config", "setval", "nextval"})  # fmt: skip
_SHOWING = re.compile(
    r"\\(?:d\S*|l\+?|conninfo|z|encoding|timing|x|pset|echo|q)(?:\s.*)?", re.DOTALL
)


def judge_sql(text: str) -> Verdict:
    """Return the verdict on one argument of ``psql -c``."""
    if HOLE in text:
        return destructive("SQL that is put together at run time")
    if text.lstrip().startswith("\\"):
        shown = _SHOWING.fullmatch(text.strip())
        return HARMLESS if shown and "|" not in text else destructive("a psql command not known")
    plain = _NOISE.sub(" ", text)
    if "$$" in plain or "\\" in plain:
        return destructive("SQL that cannot be read")
    return worse(HARMLESS, *(_judge_statement(part) for part in plain.split(";")))


def _judge_statement(statement: str) -> Verdict:
    words = re.findall(r"[a-z_][a-z0-9_]*", statement.lower())
    if not words:
        return HARMLESS
    for word in words:
        if word in _DESTROYS:
            return destructive(_DESTROYS[word])
    if words[0] not in _READS or not _CHANGES.isdisjoint(words):
        return change("changes the database")
    return HARMLESS

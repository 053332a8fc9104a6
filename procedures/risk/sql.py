"""How dangerous SQL text and psql's own commands are."""

import re
from collections.abc import Mapping

from procedures.risk.verdicts import HARMLESS, Verdict, change, destructive, worse
from procedures.risk.words import HOLE

_TOKEN = re.compile(
    r"'(?:[^']|'')*+'|\"(?P<name>(?:[^\"]|\"\")*+)\"|--[^\n]*+"
    r"|/\*(?P<comment>(?:[^*]|\*(?!/))*+(?:\*/|\Z))",
)
"""A literal, a quoted name, or a comment, whichever comes first."""

_UNREADABLE = re.compile(r"\$\w*\$|\b[uU]&['\"]")
"""Quotings in which a quote may stand without ending the literal."""

_ESCAPING = re.compile(r"\b[eE]'")
_READS = frozenset({"select", "show", "explain", "values", "table", "with", "begin", "commit",
                    "rollback", "end", "start", "set", "reset", "copy"})  # fmt: skip
_DESTROYS = {
    "drop": "drops objects of the database",
    "truncate": "empties tables",
    "delete": "deletes rows",
    "update": "overwrites rows",
    "merge": "overwrites rows",
    "pg_terminate_backend": "ends sessions of others",
    "pg_promote": "makes a replica a primary",
}
_DESTROYING = re.compile(
    r"pg_drop_\w+|pg_read_(?:binary_)?file|pg_file_\w+|pg_logical_slot_get_\w+|pg_copy_\w+|dblink\w*"
    r"|lo_(?:unlink|import|export|put|create|truncate|from_bytea)|(?:query|table|database)_to_xml"
)
"""Functions that destroy or hide something although a SELECT calls them."""

_CHANGES = frozenset(
    {"insert", "into", "create", "alter", "analyze", "set_config", "setval", "nextval"}
    | {"pg_cancel_backend", "pg_reload_conf", "pg_rotate_logfile"}
)
_CHANGING = re.compile(
    r"pg_create_\w+|pg_switch_wal|pg_stat_reset\w*|pg_stat_statements_reset|pg_backup_st\w+"
    r"|pg_wal_replay_(?:pause|resume)|pg_replication_slot_advance|pg_advisory_lock\w*|pg_log_\w+"
)
_STATEMENTS: Mapping[str, re.Pattern[str]] = {
    "runs text that is not read": re.compile(r"do |call "),
    "locks and rewrites whole tables": re.compile(r"cluster |vacuum (?:.* )?full "),
    "rewrites a table under a lock": re.compile(
        r"alter table .*\balter (?:column )?\w+ (?:set data )?type "
        r"|alter table .* set (?:un)?logged "
    ),
    "renames what others use": re.compile(
        r"alter (?:database|schema|table|role|user)\b.* rename (?!constraint)"
    ),
    "locks others out": re.compile(
        r"alter (?:role|user) .*\bnologin |alter database .*\ballow_connections (?:false|off) "
    ),
    "reads or writes files": re.compile(r"copy (?!(?:.* )?to stdout )|copy .*\bprogram "),
}
"""Statements by how they begin, as small words with single spaces between."""

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
    plain = _TOKEN.sub(_without_quotes, text)
    escapes = "\\" in text and _ESCAPING.search(text)
    if escapes or _UNREADABLE.search(text) or any(mark in plain for mark in ("\\", "'", '"', "/*")):
        return destructive("SQL that cannot be read")
    return worse(HARMLESS, *(_judge_statement(part) for part in plain.split(";")))


def _without_quotes(token: re.Match[str]) -> str:
    """Leave of a quoted name its letters, of an odd comment what makes it unreadable."""
    if token["name"] is not None:
        return f" {re.sub(r'[^A-Za-z0-9_]', ' ', token['name'])} "
    comment = token["comment"] or "*/"
    return " " if comment.endswith("*/") and "/*" not in comment else "/*"


def _judge_statement(statement: str) -> Verdict:
    words = re.findall(r"[a-z_][a-z0-9_]*", statement.lower())
    if not words:
        return HARMLESS
    for word in words:
        if word in _DESTROYS:
            return destructive(_DESTROYS[word])
        if _DESTROYING.fullmatch(word):
            return destructive(f"calls {word}")
    given = f"{' '.join(words)} "
    for reason, statement_form in _STATEMENTS.items():
        if statement_form.match(given):
            return destructive(reason)
    acting = [word for word in words if word in _CHANGES or _CHANGING.fullmatch(word)]
    if words[0] == "explain":
        acting = [word for word in acting if word != "analyze"]
    if words[0] not in _READS or acting:
        return change("changes the database")
    return HARMLESS

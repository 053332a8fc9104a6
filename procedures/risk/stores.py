"""Judging the clients of the stores: Redis and PostgreSQL."""

import re
from itertools import pairwise

from procedures.risk.sql import judge_sql
from procedures.risk.verdicts import (
    HARMLESS,
    Verbs,
    Verdict,
    change,
    changes,
    destroys,
    destructive,
    reads,
    worse,
)
from procedures.risk.words import Word, Words, after_options, has, option_set, values

REDIS: Verbs = {
    **reads(
        "ping, echo, info, dbsize, time, lastsave, role, get, mget, strlen, exists, ttl, pttl,"
        " expiretime, type, keys, scan, hscan, sscan, zscan, hget, hgetall, hlen, hkeys, lrange,"
        " llen, smembers, scard, sismember, zrange, zcard, zscore, randomkey, config get,"
        " client list, client info, client id, client getname, cluster info, cluster nodes,"
        " memory usage, memory stats, memory doctor, slowlog get, slowlog len, latency latest,"
        " latency doctor, latency history, acl whoami, acl list, command count, object encoding,"
        " object freq, object idletime, xinfo, xlen, pubsub channels, module list, select, auth,"
        " hello, config help, cluster slots, cluster shards, cluster keyslot, cluster myid,"
        " cluster countkeysinslot, cluster links, acl getuser, acl users, acl cat, acl log,"
        " memory malloc-stats, hmget, hexists, hvals, lindex, lpos, zrangebyscore, zrank,"
        " zrevrange, zcount, xrange, xrevrange, getrange, getbit, bitcount, touch, dump,"
        " client trackinginfo, pubsub numsub, pubsub numpat, sentinel masters, sentinel master,"
        " sentinel replicas, sentinel get-master-addr-by-name, sentinel ckquorum"
    ),
    **changes(
        "set, setnx, setex, mset, append, incr, decr, incrby, expire, pexpire, persist, hset,"
        " lpush, rpush, sadd, zadd, publish, config set, config rewrite, config resetstat, client,"
        " bgsave, bgrewriteaof, save, memory purge, slowlog reset, latency reset, wait",
        "changes the cache or its settings",
    ),
    **destroys("flushall, flushdb", "empties the cache"),
    **destroys("client kill", "ends sessions of others"),
    **destroys("sentinel failover, sentinel remove, sentinel reset", "stops or re-wires it"),
    **destroys("acl deluser, acl setuser, acl load", "changes who may do what"),
    **destroys(
        "del, unlink, getdel, rename, lpop, rpop, ltrim, lrem, spop, srem, smove, hdel, zrem,"
        " zpopmin, zpopmax, zremrangebyrank, zremrangebyscore, xdel, xtrim, move, migrate, restore,"
        " copy, swapdb, expireat, getset",
        "removes or overwrites keys",
    ),
    **destroys(
        "shutdown, debug, replicaof, slaveof, failover, cluster, reset", "stops or re-wires it"
    ),
    **destroys("eval, evalsha, fcall, script, function, multi, exec", "runs text that is not read"),
}
"""Commands of Redis, in small letters."""

_REDIS_VALUED = option_set(
    "-h -p -s -a -u -n -r -i -t -d -D -X --user --pass --sni --cacert --cert --key --pattern"
    " --count --quoted-pattern"
)
_REDIS_FLAGS = option_set(
    "-e -c -2 -3 --raw --no-raw --csv --json --quoted-input --no-auth-warning --tls --insecure"
    " --verbose --show-pushes"
)
_REDIS_LOOKS = option_set(
    "--scan --bigkeys --memkeys --hotkeys --stat --latency --latency-history --version -v --help"
)


def judge_redis(words: Words) -> Verdict:
    """Return the verdict on ``redis-cli`` with ``words``."""
    rest = after_options(words, with_value=_REDIS_VALUED, flags=_REDIS_FLAGS | _REDIS_LOOKS)
    if not rest.doubt and not rest.words and any(word.text in _REDIS_LOOKS for word in words):
        return HARMLESS
    if rest.doubt or not rest.words:
        return destructive("cache commands that are not shown")
    if not rest.words[0].fixed or rest.words[0].loose:
        return destructive("a cache command that is not shown")
    verb = rest.words[0].text.lower()
    second = rest.words[1] if len(rest.words) > 1 else None
    if second and not second.fixed and any(each.startswith(f"{verb} ") for each in REDIS):
        return destructive("a cache command that is not shown")
    pair = f"{verb} {rest.words[1].text.lower()}" if len(rest.words) > 1 else verb
    unknown = change("a cache command that is not known")
    return REDIS.get(pair) or REDIS.get(verb) or unknown


_PSQL_COMMAND = re.compile(r"-[AEHSVWXabelnqstwxz01]*c(?P<joined>.*)", re.DOTALL)


def judge_psql(words: Words) -> Verdict:
    """Return the verdict on ``psql`` with ``words``."""
    if _uses_files(words):
        return destructive("SQL or files that are not shown")
    statements = _statements(words)
    if not statements and _only_lists(words):
        return HARMLESS
    if not statements:
        return destructive("SQL that is not shown")
    return worse(*(judge_sql(statement.text) for statement in statements))


def wants_statements(words: Words) -> bool:
    """Tell whether ``psql`` would take its statements from standard input alone."""
    is_sure = not any(word.loose for word in words)
    return is_sure and not (_uses_files(words) or _statements(words) or _only_lists(words))


def _only_lists(words: Words) -> bool:
    return has(words, "--list", "--version", "-l")


def _uses_files(words: Words) -> bool:
    if has(words, "--file", "--output", "--log-file", letters="foL"):
        return True
    settings = [*values(words, "-v", "--set", "--variable")]
    sets = has(words, "--set", "--variable", letters="v")
    return sets and not all("ON_ERROR_STOP" in word.text for word in settings)


def _statements(words: Words) -> list[Word]:
    found = [*values(words, "--command")]
    for word, following in pairwise([*words, Word(text="")]):
        if given := _PSQL_COMMAND.fullmatch(word.text):
            found.append(Word(text=given["joined"]) if given["joined"] else following)
    return found


def judge_pg_restore(words: Words) -> Verdict:
    """Return the verdict on ``pg_restore`` with ``words``; only its listing is a read."""
    if has(words, "--list", "-l") and not has(words, "--file", "--dbname", letters="fd"):
        return HARMLESS
    return destructive("writes into a database")


def judge_vacuumdb(words: Words) -> Verdict:
    """Return the verdict on ``vacuumdb``, which locks whole tables only where it is full."""
    if has(words, "--full", letters="f"):
        return destructive("locks and rewrites whole tables")
    return change("works on the database")

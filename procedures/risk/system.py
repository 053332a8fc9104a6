"""Judging what looks at or changes the machine itself: rights, processes, services, clock."""

import re
from collections.abc import Callable

from procedures.risk.outputs import OVERWRITES
from procedures.risk.system_verbs import SYSTEMCTL_VERBS
from procedures.risk.verdicts import HARMLESS, Verdict, change, destructive
from procedures.risk.words import Words, has, operands

_UNSEEN = destructive("runs text that is not read")


def _judge_rights(words: Words) -> Verdict:
    if has(words, "--recursive", letters="R"):
        return destructive("changes rights or owners of whole trees")
    return change("changes rights or owners")


def _judge_kill(words: Words) -> Verdict:
    if words and words[0].text in ("-0", "-l", "-L"):
        return HARMLESS
    return destructive("ends processes")


def _judge_journalctl(words: Words) -> Verdict:
    if any(word.text.startswith("--vac") for word in words):
        return destructive("deletes old logs")
    if any(
        word.text.startswith(("--ro", "--fl", "--sy", "--rel", "--set", "--up")) for word in words
    ):
        return change("changes the journal's files")
    return HARMLESS


def _listing(listing: str, reason: str) -> Callable[[Words], Verdict]:
    """Return a judge that lets pass only what matches ``listing``, spaces between words."""

    def judge(words: Words) -> Verdict:
        given = " ".join(word.text for word in words)
        return HARMLESS if re.fullmatch(listing, given) else destructive(reason)

    return judge


def _judge_service(words: Words) -> Verdict:
    if [word.text for word in words] == ["--status-all"]:
        return HARMLESS
    verb = words[1].text if len(words) > 1 else ""
    return SYSTEMCTL_VERBS.get(verb, destructive("an action that is not known"))


def _judge_pg_ctl(words: Words) -> Verdict:
    verb = next(iter(operands(words, with_value={"-D", "-l", "-o", "-m", "-t", "-U"})), None)
    match verb.text if verb else "":
        case "status":
            return HARMLESS
        case "start" | "restart" | "reload":
            return change("starts or restarts the database")
    return destructive("stops or re-wires the database")


def _judge_interpreter(words: Words) -> Verdict:
    if [word.text for word in words[:2]] == ["-m", "json.tool"] and len(words) == 2:
        return HARMLESS
    if words and words[0].text in ("--version", "-V", "-v"):
        return HARMLESS
    if not words or words[0].text.startswith("-") or not words[0].fixed:
        return _UNSEEN
    return change("runs a program that is not known")


def _judge_yq(words: Words) -> Verdict:
    return OVERWRITES if has(words, "--inplace", "--in-place", letters="i") else HARMLESS


def _judge_socket_list(words: Words) -> Verdict:
    return destructive("closes connections") if has(words, "--kill", letters="K") else HARMLESS


def _judge_netcat(words: Words) -> Verdict:
    if has(words, "--exec", "--sh-exec", letters="ec"):
        return _UNSEEN
    return HARMLESS if has(words, letters="z") else change("sends to the network")


def _judge_date(words: Words) -> Verdict:
    rest = operands(words, with_value={"-d", "--date", "-r", "--reference", "-f"})
    if (
        has(words, "--set")
        or any(w.text.startswith("-s") for w in words)
        or any(not word.text.startswith("+") for word in rest)
    ):
        return change("sets the machine's clock")
    return HARMLESS


_NETWORK = "changes the firewall or network"
_FILTER_FLAG = r"(?:-[nvxw]+|-t \w+|--line-numbers|--numeric|--verbose|--exact|--wait)"
SYSTEM_JUDGES: dict[str, Callable[[Words], Verdict]] = {
    "yq": _judge_yq,
    "ss": _judge_socket_list,
    "date": _judge_date,
    "kill": _judge_kill,
    "journalctl": _judge_journalctl,
    "service": _judge_service,
    "pg_ctl": _judge_pg_ctl,
    **dict.fromkeys(
        ("iptables", "ip6tables"),
        _listing(
            rf"(?:{_FILTER_FLAG} )*(?:-[nvx]*[LS][nvx]*|--list|--list-rules)"
            rf"(?: {_FILTER_FLAG}| \w[\w.-]*)*",
            _NETWORK,
        ),
    ),
    "iptables-save": _listing(r"(?:-c|-t \w+| )*", "writes a file"),
    "nft": _listing(r"(?:-a )?list .*", _NETWORK),
    "ufw": _listing(r"status(?: verbose| numbered)?", _NETWORK),
    "firewall-cmd": _listing(r"--state|--list-\w+|--get-\w+", _NETWORK),
    "tc": _listing(r"(?:-s )?\w+ (?:show|list|ls)(?: .*)?", _NETWORK),
    "ip": _listing(
        r"(?:-(?:4|6|s|o|c|j|p|d|br|brief|color) )*\w+(?: (?:show|list|ls|get)(?: .*)?)?", _NETWORK
    ),
    "ifconfig": _listing(r"(?:-a|\w*)", _NETWORK),
    "hostname": _listing(r"(?:-[fsdiIaAy]+)?", "renames the machine"),
    "dmesg": _listing(
        r"(?:(?:-[TxHkLePru]+|--(?:level|facility|ctime|human|since|until)(?:=\S+)?)(?: |$))*",
        "may clear the kernel's log",
    ),
    "crontab": _listing(r"(?:-u \S+ )?-l", "replaces or removes a schedule"),
    "mount": _listing(r"(?:-l|-t \w+)?", "changes what is mounted"),
    "sysctl": _listing(r"(?:-a|-n)?(?:(?:^| )[\w.]+)*", "changes the kernel's settings"),
    **dict.fromkeys(("chmod", "chown", "chgrp"), _judge_rights),
    **dict.fromkeys(("nc", "ncat"), _judge_netcat),
    **dict.fromkeys(("python", "python3", "perl", "ruby", "node", "php"), _judge_interpreter),
}
"""A judge for each command of this module; it is given the words after the name."""

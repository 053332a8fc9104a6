"""Commands whose options decide how dangerous they are."""

import re
from collections.abc import Callable

from procedures.risk.stores import judge_pg_restore, judge_psql, judge_redis
from procedures.risk.tables import SYSTEMCTL_VERBS
from procedures.risk.verdicts import (
    HARMLESS,
    Verdict,
    change,
    destructive,
    worse,
)
from procedures.risk.words import Word, Words, has, operands, values

_SINKS = ("/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "-")
_OVERWRITES = destructive("overwrites a file")
_UNSEEN = destructive("runs text that is not read")


def judge_file_output(target: Word) -> Verdict:
    """Return the verdict on writing a file from its beginning."""
    if target.text in _SINKS or re.fullmatch(r"/dev/fd/\d+", target.text):
        return HARMLESS
    if target.text.startswith(("/dev/tcp/", "/dev/udp/")):
        return change("sends to the network")
    return _OVERWRITES


_CURL_SENDS = ("--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode",
               "--form", "--form-string", "--json", "--upload-file")  # fmt: skip
_CURL_SAFE = re.compile(
    r"--(?:fail\S*|silent|show-error|max-time|connect-timeout|retry\S*|location|head|include|get"
    r"|insecure|compressed|write-out|header|user-agent|user|cacert|cert|key|noproxy|proxy|verbose"
    r"|http\S*|ipv[46]|no-progress-meter|no-buffer|globoff|resolve|connect-to|cookie|parallel\S*"
    r"|output|request|data\S*|form\S*|json|upload-file|url|range|oauth2-bearer|version|help)"
)


def _judge_curl(words: Words) -> Verdict:
    if has(words, "--config", "--quote", "--remote-name", "--remote-name-all", letters="KQO"):
        return destructive("options or files that are not shown")
    unknown = any(w.text[:2] == "--" and not _CURL_SAFE.fullmatch(w.text) for w in words)
    verdicts = [change("a curl option that is not known") if unknown else HARMLESS]
    clusters = [w.text for w in words if re.fullmatch(r"-[a-zA-Z#0-9].*", w.text, re.DOTALL)]
    methods = [word.text for word in values(words, "--request")]
    methods += [_cluster_value(words, text, "X") for text in clusters if _holds(text, "X")]
    verdicts += [_judge_http_method(method) for method in methods]
    outputs = [word.text for word in values(words, "--output", "--dump-header", "--cookie-jar")]
    outputs += [
        _cluster_value(words, text, letter)
        for text in clusters
        for letter in "oDc"
        if _holds(text, letter)
    ]
    verdicts += [judge_file_output(Word(text=text)) for text in outputs]
    as_query = has(words, "--get") or any(_holds(text, "G") for text in clusters)
    sends = has(words, *_CURL_SENDS) or any(_holds(text, x) for text in clusters for x in "dFT")
    if sends and not as_query:
        verdicts.append(change("sends data to the service"))
    if any(re.match(r"(?!https?:)[a-z]+://", w.text, re.IGNORECASE) for w in words):
        verdicts.append(change("an address that is not HTTP"))
    return worse(*verdicts)


_CURL_VALUED = "ABbCcDdEeFHKmoPQrTtUuwXxYyz"


def _holds(cluster: str, letter: str) -> bool:
    """Tell whether a cluster such as ``-sSXDELETE`` holds ``letter`` as an option."""
    for each in cluster[1:]:
        if each == letter:
            return True
        if each in _CURL_VALUED:
            return False
    return False


def _cluster_value(words: Words, cluster: str, letter: str) -> str:
    joined = cluster.partition(letter)[2]
    if joined:
        return joined
    position = next(at for at, word in enumerate(words) if word.text == cluster)
    return words[position + 1].text if position + 1 < len(words) else ""


def _judge_http_method(method: str) -> Verdict:
    match method.upper():
        case "GET" | "HEAD" | "OPTIONS":
            return HARMLESS
        case "POST" | "PUT" | "PATCH":
            return change(f"sends a {method.upper()} to the service")
        case "DELETE":
            return destructive("asks the service to delete")
    return destructive("an HTTP method that is not known")


def _judge_wget(words: Words) -> Verdict:
    if has(words, "--method", "--execute", "--config", "--input-file", letters="ei"):
        return destructive("options that are not read")
    if has(words, "--post-data", "--post-file", "--body-data"):
        return change("sends data to the service")
    if has(words, "--spider"):
        return HARMLESS
    targets = [*values(words, "--output-document"), *values(words, "-O"), *values(words, "-qO")]
    return worse(*map(judge_file_output, targets)) if targets else change("saves a file")


def _judge_find(words: Words) -> Verdict:
    for word in words:
        if word.text == "-delete":
            return destructive("deletes files")
        if word.text.startswith(("-fprint", "-fls")):
            return _OVERWRITES
    return HARMLESS


_AWK_ACTS = re.compile(r"system|getline|(?<!\|)\|(?!\|)|\bprintf?\b[^;}]*>|@|\bclose\b")


def _judge_awk(words: Words) -> Verdict:
    if has(words, "--file", "--include", "--load", "--exec", letters="filE"):
        return destructive("awk text that is not shown")
    rest = operands(words, with_value={"-F", "-v", "--assign", "--field-separator"})
    program = rest[0] if rest else Word(text="")
    if not program.fixed or _AWK_ACTS.search(program.text):
        return destructive("awk text that may run or write something")
    return HARMLESS


_ADDRESS = r"(?:\d+|\$|/[^/]*/)"
_SED_SHOWS = re.compile(
    rf"\s*(?:{_ADDRESS}(?:,{_ADDRESS})?)?!?\s*(?:[pdq=]|s(?P<mark>[/|#,:])(?:\\.|(?!(?P=mark))[^\\\n])*"
    r"(?P=mark)(?:\\.|(?!(?P=mark))[^\\\n])*(?P=mark)[gpIi\d]*)?\s*",
)


def _judge_sed(words: Words) -> Verdict:
    if has(words, "--in-place", "--file", letters="if"):
        return destructive("edits files in place, or by text that is not shown")
    scripts = [*values(words, "-e", "--expression")]
    if not scripts:
        scripts = operands(words, with_value={"-l", "--line-length"})[:1]
    parts = [part for script in scripts for part in re.split(r";(?![^/]*/[^/]*$)", script.text)]
    if not scripts or not all(_SED_SHOWS.fullmatch(part) for part in parts):
        return destructive("sed text that may run or write something")
    return HARMLESS


def _judge_tee(words: Words) -> Verdict:
    targets = operands(words, with_value=set())
    if has(words, "--append", letters="a"):
        return change("appends to a file") if targets else HARMLESS
    return worse(HARMLESS, *map(judge_file_output, targets))


def _judge_sort(words: Words) -> Verdict:
    if has(words, "--output", "--compress-program", letters="o"):
        return _OVERWRITES
    return HARMLESS


def _judge_uniq(words: Words) -> Verdict:
    paths = operands(words, with_value={"-f", "-s", "-w"})
    return _OVERWRITES if len(paths) > 1 else HARMLESS


_TAR_PLAIN = re.compile(
    r"--(?:list|create|verbose|gzip|xz|bzip2|zstd|(?:file|exclude|directory)(?:=.*)?)", re.DOTALL
)


def _judge_tar(words: Words) -> Verdict:
    first = words[0].text.lstrip("-") if words else ""
    if any(w.text[:2] == "--" and not _TAR_PLAIN.fullmatch(w.text) for w in words):
        return destructive("a tar option that is not known")
    if has(words[1:], letters="IFxuArc"):
        return destructive("may overwrite files, or run a program")
    if first == "list" or re.fullmatch(r"[vzjJf]*t[vzjJf]*", first):
        return HARMLESS
    if first == "create" or re.fullmatch(r"[vzjJfpC]*c[vzjJfpC]*", first):
        return change("writes an archive")
    return destructive("may overwrite files")


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


def _judge_listing(listing: str, reason: str) -> Callable[[Words], Verdict]:
    """Return a judge that lets pass only what matches ``listing``, spaces between words."""

    def judge(words: Words) -> Verdict:
        given = " ".join(word.text for word in words)
        return HARMLESS if re.fullmatch(listing, given) else destructive(reason)

    return judge


def _judge_service(words: Words) -> Verdict:
    verb = words[1].text if len(words) > 1 else ""
    return SYSTEMCTL_VERBS.get(verb, destructive("an action that is not known"))


def _judge_interpreter(words: Words) -> Verdict:
    if [word.text for word in words[:2]] == ["-m", "json.tool"] and len(words) == 2:
        return HARMLESS
    if words and words[0].text in ("--version", "-V", "-v"):
        return HARMLESS
    if not words or words[0].text.startswith("-") or not words[0].fixed:
        return _UNSEEN
    return change("runs a program that is not known")


def _judge_cloud(words: Words) -> Verdict:
    verbs = [word.text for word in operands(words, with_value={"--region", "--profile"})][:3]
    if any(
        re.match(r"(?:delete|terminate|remove|rm|rb|sync|stop|purge|mv)\b", verb) for verb in verbs
    ):
        return destructive("removes or overwrites what lies in the cloud")
    if len(verbs) > 1 and re.match(r"(?:get|list|describe|head|ls)(?:-|$)", verbs[1]):
        return HARMLESS
    return change("changes what lies in the cloud")


def _judge_yq(words: Words) -> Verdict:
    return _OVERWRITES if has(words, "--inplace", "--in-place", letters="i") else HARMLESS


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
JUDGES: dict[str, Callable[[Words], Verdict]] = {
    "curl": _judge_curl,
    "wget": _judge_wget,
    "find": _judge_find,
    "sed": _judge_sed,
    "tee": _judge_tee,
    "sort": _judge_sort,
    "uniq": _judge_uniq,
    "tar": _judge_tar,
    "yq": _judge_yq,
    "ss": _judge_socket_list,
    "date": _judge_date,
    "kill": _judge_kill,
    "journalctl": _judge_journalctl,
    "service": _judge_service,
    "redis-cli": judge_redis,
    "psql": judge_psql,
    "pg_restore": judge_pg_restore,
    "iptables": _judge_listing(
        r"(?:-t \w+ )?(?:-[nv]*[LS][nv]*|--list)(?: \w+)?(?: -[nvx]+)*", _NETWORK
    ),
    "ip": _judge_listing(
        r"(?:-(?:4|6|s|o|c|j|p|d|br|brief|color) )*\w+(?: (?:show|list|ls|get)(?: .*)?)?", _NETWORK
    ),
    "ifconfig": _judge_listing(r"(?:-a|\w*)", _NETWORK),
    "hostname": _judge_listing(r"(?:-\w+)?", "renames the machine"),
    "dmesg": _judge_listing(r"(?:-[TxHkLePru]+ ?)*", "may clear the kernel's log"),
    "crontab": _judge_listing(r"(?:-u \S+ )?-l", "replaces or removes a schedule"),
    "mount": _judge_listing(r"", "changes what is mounted"),
    "sysctl": _judge_listing(r"(?:-a|-n|)(?: ?[\w.]+)*", "changes the kernel's settings"),
    **dict.fromkeys(("awk", "gawk", "mawk"), _judge_awk),
    **dict.fromkeys(("chmod", "chown"), _judge_rights),
    **dict.fromkeys(("nc", "ncat"), _judge_netcat),
    **dict.fromkeys(("aws", "gcloud", "az"), _judge_cloud),
    **dict.fromkeys(("python", "python3", "perl", "ruby", "node", "php"), _judge_interpreter),
}
"""A judge for each command whose options decide; it is given the words after the name."""

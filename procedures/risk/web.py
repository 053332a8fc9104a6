"""Judging what asks services over HTTP: curl and wget."""

import re
from itertools import pairwise

from procedures.risk.outputs import judge_file_output
from procedures.risk.verdicts import HARMLESS, Verdict, change, destructive, worse
from procedures.risk.words import Word, Words, has, values

_CURL_SENDS = ("--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode",
               "--form", "--form-string", "--json", "--upload-file")  # fmt: skip
_CURL_SAFE = re.compile(
    r"--(?:fail\S*|silent|show-error|max-time|connect-timeout|retry\S*|location|head|include|get"
    r"|insecure|compressed|write-out|header|user-agent|user|cacert|cert|key|noproxy|proxy|verbose"
    r"|http\S*|ipv[46]|no-progress-meter|no-buffer|globoff|resolve|connect-to|cookie|parallel\S*"
    r"|output|request|data\S*|form\S*|json|upload-file|url|range|oauth2-bearer|version|help)"
)


def judge_curl(words: Words) -> Verdict:
    """Return the verdict on ``curl``: its method, what it sends and what it writes."""
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


def judge_wget(words: Words) -> Verdict:
    """Return the verdict on ``wget``, which saves unless it is told otherwise."""
    if has(words, "--method", "--execute", "--config", "--input-file", letters="ei"):
        return destructive("options that are not read")
    if has(words, "--post-data", "--post-file", "--body-data"):
        return change("sends data to the service")
    if has(words, "--spider"):
        return HARMLESS
    targets = [*values(words, "--output-document")]
    for word, following in pairwise([*words, Word(text="")]):
        if named := re.fullmatch(r"-[a-zA-Z]*?O(?P<joined>.*)", word.text):
            targets.append(Word(text=named["joined"]) if named["joined"] else following)
    return worse(*map(judge_file_output, targets)) if targets else change("saves a file")

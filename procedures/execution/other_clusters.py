"""Commands that would reach another cluster than the one that the console shows."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from procedures.environment import Environment, Method
from procedures.targets.addresses import addresses_of

if TYPE_CHECKING:
    from procedures.risk.words import Words

_CLIENTS = frozenset({"kubectl", "helm", "kustomize", "stern", "k9s"})
_PINNED = re.compile(r"""["']?\$\{?KUBE_CONTEXT\}?["']?""")
_ELSEWHERE = ("--cluster", "--server")
_ANOTHER_FILE = "it chooses another kubeconfig"
_SWITCHES = ("use-context", "set-context", "use", "set")


def why_elsewhere(script: str, environment: Environment) -> str:
    """Return why ``script`` does not stay in the environment's cluster; empty if it does.

    Only contexts of the environment's own targets may be named: a drill of the eye at three in the
    morning is no guard. What is computed while the script runs counts as another one.
    """
    if environment.method is not Method.KUBERNETES or not _mentions(script):
        return ""
    allowed = {each.context for each in addresses_of(environment) if each.context}
    allowed |= {environment.facts.get("KUBE_CONTEXT", "")} - {""}
    if not allowed:
        return ""
    return next(_reasons(script, environment, allowed), "")


def _mentions(script: str) -> bool:
    return "KUBECONFIG" in script or any(client in script for client in _CLIENTS)


def _reasons(script: str, environment: Environment, allowed: set[str]) -> Iterator[str]:
    # The shell grammar is loaded with the first walk, not with the console.
    from procedures.risk.syntax import syntax_of
    from procedures.risk.words import base_name

    here = f"{environment.name} is context {', '.join(sorted(allowed))}"
    files = {str(each.kubeconfig) for each in addresses_of(environment) if each.kubeconfig}
    syntax = syntax_of(script)
    if "KUBECONFIG" in syntax.assigned:
        yield f"{_ANOTHER_FILE}; {here}"
    for call in syntax.calls:
        places = [i for i, word in enumerate(call.words) if base_name(word) in _CLIENTS]
        if not places:
            continue
        before, words = call.words[: places[0]], call.words[places[0] :]
        if any(word.text.startswith("KUBECONFIG=") for word in before):
            yield f"{_ANOTHER_FILE}; {here}"
        pinned = _PINNED.search(call.text) is not None
        for reason in _of_call(words, allowed, files, pinned=pinned):
            yield f"{reason}; {here}"


def _of_call(words: "Words", allowed: set[str], files: set[str], *, pinned: bool) -> Iterator[str]:
    from procedures.risk.words import values

    for word in values(words, "--context", "--kube-context"):
        if word.text not in allowed and (word.fixed or not pinned):
            named = word.text if word.fixed else "known only when it runs"
            yield f"it names context {named}"
    if any(word.text not in files for word in values(words, "--kubeconfig")):
        yield _ANOTHER_FILE
    if any(True for _ in values(words, *_ELSEWHERE)):
        yield "it names a server of its own"
    texts = [word.text for word in words[1:] if not word.text.startswith("-")]
    if texts[:1] == ["config"] and texts[1:2] and texts[1] in _SWITCHES:
        yield "it would change the kubeconfig, also for all others who use it"

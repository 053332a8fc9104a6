"""Judging a command by its verb: kubectl, docker, compose, systemctl and their like."""

import re

from procedures.risk.tables import COMPOSE, TOOLS, Tool
from procedures.risk.verdicts import HARMLESS, Verdict, change, destructive, worse
from procedures.risk.words import Words, after_options, has, operands, values

_UNSEEN_VERB = destructive("a verb that is not shown")
_SCALES = {"scale", "create", "up", "autoscale", "run"}


def judge_tool(name: str, words: Words) -> Verdict:
    """Return the verdict on ``name`` with the words after it."""
    tool = TOOLS[name]
    rest = after_options(words, with_value=tool.with_value, flags=tool.flags)
    if rest.doubt:
        return destructive("an option that hides the verb")
    if not rest.words:
        return HARMLESS
    if name in ("docker", "podman") and rest.words[0].text == "compose":
        return judge_tool(COMPOSE, rest.words[1:])
    if rest.words[0].text == "exec":
        return HARMLESS  # the command that it carries inside is judged for itself
    return _judge_verb(tool, rest.words)


def _judge_verb(tool: Tool, words: Words) -> Verdict:
    found = operands(words, with_value=tool.with_value)
    if len(found) > 1 and found[0].text in tool.groups:
        found = found[1:]
    if not found[0].fixed or found[0].loose:
        return _UNSEEN_VERB
    verb = found[0].text
    second = found[1] if len(found) > 1 else None
    if second and not second.fixed and any(each.startswith(f"{verb} ") for each in tool.verbs):
        return _UNSEEN_VERB
    pair = f"{verb} {second.text}" if second else verb
    by_name = tool.verbs.get(pair) or tool.verbs.get(verb)
    if verb in _SCALES:
        return worse(by_name or change("changes the number of replicas"), _judge_scale(words))
    return worse(by_name or change("a verb that is not known"), _judge_force(verb, words))


def _judge_scale(words: Words) -> Verdict:
    """Return the verdict on the number of replicas, ``--replicas=N`` or ``SERVICE=N``."""
    numbers = [number.text for number in values(words, "--replicas")]
    pairs = [*values(words, "--scale"), *words]
    numbers += [pair.text.partition("=")[2] for pair in pairs if re.match(r"[\w.-]+=", pair.text)]
    if has(words, "--remove-orphans", "--renew-anon-volumes", letters="V"):
        return destructive("removes containers or volumes")
    if any(not number.isdecimal() or int(number) == 0 for number in numbers if "--" not in number):
        return destructive("may take all replicas away")
    return HARMLESS


def _judge_force(verb: str, words: Words) -> Verdict:
    if verb in ("apply", "replace", "upgrade", "create") and has(words, "--force", "--prune"):
        return destructive("deletes and creates objects anew")
    if verb == "push" and has(words, "--force", "--delete", "--mirror", letters="f"):
        return destructive("overwrites what others have pushed")
    if verb == "taint" and any("NoExecute" in word.text for word in words):
        return destructive("evicts pods")
    return HARMLESS

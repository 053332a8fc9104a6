"""Judging a command by its verb: kubectl, docker, compose, systemctl and their like."""

from procedures.risk.amounts import judge_amount
from procedures.risk.tool import Tool
from procedures.risk.verbs import COMPOSE, TOOLS
from procedures.risk.verdicts import HARMLESS, Verdict, change, destructive, worse
from procedures.risk.words import Words, after_options, has, operands

_UNSEEN_VERB = destructive("a verb that is not shown")


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
    return _judge_verb(name, tool, rest.words)


def _judge_verb(name: str, tool: Tool, words: Words) -> Verdict:
    found = operands(words, with_value=tool.with_value)
    if not found:
        return _UNSEEN_VERB
    if len(found) > 1 and found[0].text in tool.groups:
        found = found[1:]
    if not found[0].fixed or found[0].loose:
        return _UNSEEN_VERB
    verb = found[0].text
    second = found[1] if len(found) > 1 else None
    if second and not second.fixed and any(each.startswith(f"{verb} ") for each in tool.verbs):
        return _UNSEEN_VERB
    by_name = (tool.verbs.get(f"{verb} {second.text}") if second else None) or tool.verbs.get(verb)
    if _is_trial(name, words):
        return HARMLESS
    return worse(
        by_name or change("a verb that is not known"),
        judge_amount(name, verb, words),
        _judge_force(verb, words),
        _judge_git(verb, words) if name == "git" else HARMLESS,
        _judge_plan(words) if verb == "plan" else HARMLESS,
    )


_TRIALS = {
    "kubectl": ("--dry-run=client", "--dry-run=server"),
    "helm": ("--dry-run", "--dry-run=client", "--dry-run=server"),
}


def _is_trial(name: str, words: Words) -> bool:
    """Tell whether nothing is done for real; an unquoted expansion might say otherwise."""
    texts = [word.text for word in words]
    own = texts[: texts.index("--")] if "--" in texts else texts
    given = [text for text in own if text.startswith("--dry-run")]
    is_sure = not any(word.loose for word in words)
    return is_sure and bool(given) and all(text in _TRIALS.get(name, ()) for text in given)


def _judge_force(verb: str, words: Words) -> Verdict:
    forced = ("apply", "replace", "upgrade", "create", "rollback")
    if verb in forced and has(words, "--force", "--prune"):
        return destructive("deletes and creates objects anew")
    if verb == "taint" and any("NoExecute" in word.text for word in words):
        return destructive("evicts pods")
    return HARMLESS


def _judge_git(verb: str, words: Words) -> Verdict:
    if any(word.text.startswith("--output") for word in words):
        return destructive("overwrites a file")
    refs = operands(words, with_value=frozenset())[1:]
    forces = has(words, "--force", "--force-with-lease", "--delete", "--mirror", letters="fd")
    if verb == "push" and (forces or any(ref.text.startswith(("+", ":")) for ref in refs)):
        return destructive("overwrites what others have pushed")
    if verb in ("branch", "tag", "worktree") and (
        has(words, "--delete", "--force", letters="dDf")
        or any(ref.text in ("remove", "prune") for ref in refs[:1])
    ):
        return destructive("removes or moves what a name stands for")
    if verb == "switch" and has(words, "--discard-changes", "--force", letters="fC"):
        return destructive("may lose work")
    return HARMLESS


def _judge_plan(words: Words) -> Verdict:
    saves = any(word.text.startswith(("-out", "--out")) for word in words)
    return change("writes a plan to a file") if saves else HARMLESS

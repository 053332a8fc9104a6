"""Judging what reaches many machines, or those of a provider: aws, gcloud, az, ansible."""

import re

from procedures.risk.verdicts import HARMLESS, Verdict, change, destructive
from procedures.risk.words import Words, after_options, has, operands, option_set, values

_VALUED = option_set(
    "--region --profile --output --query --endpoint-url --ca-bundle --cli-read-timeout"
    " --cli-connect-timeout --color --project --account --format --zone --subscription -o"
    " --resource-group -g"
)
_FLAGS = option_set("--no-cli-pager --no-sign-request --debug --no-paginate --no-verify-ssl")
_REMOVES = re.compile(
    r"(?:delete|terminate|remove|rm|rb|stop|purge|mv|deregister|disassociate|detach|revoke|release"
    r"|cancel|disable|reset|destroy|deallocate|failover|change-resource-record-sets|send-command"
    r"|schedule-key-deletion|abort)(?:-|$)"
)
_LOOKS = re.compile(r"(?:get|list|describe|head|ls|lookup|filter|show|presign|wait|search)(?:-|$)")
_SAVES = frozenset({"get-object", "get-object-torrent", "get-export"})
_NONE_LEFT = ("--desired-count", "--desired-capacity", "--max-size")


def judge_aws(words: Words) -> Verdict:
    """Return the verdict on ``aws SERVICE ACTION``."""
    rest = after_options(words, with_value=_VALUED, flags=_FLAGS)
    if rest.doubt:
        return destructive("an option that hides the action")
    named = operands(rest.words, with_value=_VALUED)[:2]
    if any(not word.fixed for word in named):
        return destructive("an action that is not shown")
    action = named[1].text if len(named) > 1 else ""
    numbers = [word.text for option in _NONE_LEFT for word in values(words, option)]
    if any(not number.isdecimal() or int(number) == 0 for number in numbers):
        return destructive("may take all machines away")
    is_sure = not any(word.loose for word in words)
    if is_sure and any(word.text in ("--dryrun", "--dry-run") for word in words):
        return HARMLESS
    if _REMOVES.match(action) or (action == "sync" and has(words, "--delete")):
        return destructive("removes or overwrites what lies in the cloud")
    if _LOOKS.match(action) and action not in _SAVES:
        return HARMLESS
    return change("changes what lies in the cloud")


def judge_cloud(words: Words) -> Verdict:
    """Return the verdict on ``gcloud GROUP … ACTION`` and its like: the action may stand deep."""
    named = operands(words, with_value=_VALUED)[:4]
    if any(not word.fixed for word in named[:3]):
        return destructive("an action that is not shown")
    verbs = [word.text for word in named]
    if any(_REMOVES.match(verb) or verb in ("sync", "rsync") for verb in verbs):
        return destructive("removes or overwrites what lies in the cloud")
    if any(_LOOKS.match(verb) for verb in verbs[1:]):
        return HARMLESS
    return change("changes what lies in the cloud")


def judge_gsutil(words: Words) -> Verdict:
    """Return the verdict on ``gsutil ACTION``."""
    verb = next(iter(operands(words, with_value=frozenset({"-o", "-h", "-u"}))), None)
    match verb.text if verb else "":
        case "ls" | "cat" | "stat" | "du" | "hash" | "version":
            return HARMLESS
        case "cp" | "mb" | "setmeta" | "compose":
            return change("changes what lies in the cloud")
    return destructive("removes or overwrites what lies in the cloud")


_PLAYBOOK_LOOKS = ("--syntax-check", "--list-hosts", "--list-tasks", "--list-tags", "--version")


def judge_playbook(words: Words) -> Verdict:
    """Return the verdict on ``ansible-playbook``; a check may still run tasks that insist."""
    texts = [word.text for word in words]
    if any(text in _PLAYBOOK_LOOKS for text in texts):
        return HARMLESS
    if "--check" in texts or "-C" in texts:
        return change("tries a playbook, whose tasks may insist on running")
    return destructive("runs a playbook on many machines")


_MODULES = frozenset({"ping", "setup", "ansible.builtin.ping", "ansible.builtin.setup"})


def judge_ansible(words: Words) -> Verdict:
    """Return the verdict on ``ansible HOSTS -m MODULE``."""
    modules = {word.text for word in values(words, "-m", "--module-name")}
    if has(words, "--list-hosts", "--version") or (modules and modules <= _MODULES):
        return HARMLESS
    return destructive("runs a module on many machines")

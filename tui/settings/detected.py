"""The settings file for what was found: the template with its lines filled in; pure."""

import re
from collections.abc import Iterator, Mapping, Sequence

from procedures.environment import Environment, TargetAddress
from procedures.execution.cleaning import clean_line
from procedures.targets.detection.proposals import Proposal
from procedures.targets.detection.values import Deployment
from tui.settings.environments import SOURCES
from tui.settings.template import ADDRESS, ENVIRONMENT, FACTS, HEAD, LIMITS, TARGETS
from tui.settings.toml_text import array, key, quoted

_LINE = re.compile(r"(?:# )?([a-z_]+) = .*")
_TABLE = re.compile(r"# \[environment\.local\.targets\.(\w+)\]")
_HEADER = re.compile(r"((?:# )?\[\S+\]) +(# .*)")
_COMMENT_AT = 38
_LONGEST_COMMENT = 90
_UNWATCHED = """\
# Nothing answered that could be watched. The Service screen needs nothing else; for indicators and
# health give at least one of these addresses, as this machine reaches it.
"""


def detected_settings(proposals: Sequence[Proposal], machine: str) -> str:
    """Return the text of a settings file that holds the environments, the first as the default.

    Args:
        proposals: At least one.
        machine: Where they were found.
    """
    first, *others = proposals
    blocks = [
        _head(first.environment, machine),
        _environment(first, whole=True),
        *(_environment(each, whole=False) for each in others),
    ]
    return "\n".join(blocks)


def tier_comment(proposal: Proposal) -> str:
    """Return how the tier was guessed."""
    if proposal.tier_word:
        return f'a guess, from "{proposal.tier_word}" in a name'
    return "a guess: no name tells, and this one guards most"


def _head(default: Environment, machine: str) -> str:
    comment = "opened when no --environment is given"
    head = _filled(_named(HEAD, default), {"default": (quoted(default.name), comment)})
    told = (
        f"# The environments were found from {_comment(machine)}: look at their names and tiers.\n"
    )
    return head.replace("\ndefault = ", f"\n{told}default = ", 1)


def _environment(proposal: Proposal, *, whole: bool) -> str:
    """Return an environment; the first one comes with all keys that there are, as comments."""
    environment = proposal.environment
    block = _named(ENVIRONMENT, environment)
    if not any(getattr(environment, source) for source in SOURCES):
        block = block.replace("# What is watched.", f"{_UNWATCHED}# What is watched.", 1)
    targets = _targets(environment, proposal.deployments)
    facts = _facts(environment) if environment.facts else ""
    if whole:
        parts = [_filled(block, _values(proposal)), _named(ADDRESS, environment), targets]
        parts += [_named(_other_targets(environment), environment), _named(LIMITS, environment)]
        parts += [facts or _named(FACTS, environment)]
    else:
        parts = [_only_active(_filled(block, _values(proposal))), targets, facts]
    return "\n".join(each for each in parts if each)


def _named(block: str, environment: Environment) -> str:
    """Return a block of the template about an environment of another name."""
    renamed = block.replace("environment.local", _table(environment))
    lines = renamed.replace('"local"', quoted(environment.name)).splitlines()
    return "".join(f"{_HEADER.sub(_aligned, line)}\n" for line in lines)


def _aligned(header: re.Match[str]) -> str:
    return f"{header[1].ljust(_COMMENT_AT)} {header[2]}"


def _table(environment: Environment) -> str:
    return f"environment.{key(environment.name)}"


def _values(proposal: Proposal) -> Mapping[str, tuple[str, str]]:
    """Return the keys that have a value, each with a comment."""
    environment = proposal.environment
    answered = "answered when this file was written"
    values = {
        "tier": (quoted(environment.tier.value), tier_comment(proposal)),
        "method": (quoted(environment.method.value), "docker, kubernetes or systemd"),
    }
    for name in ("prometheus", "alertmanager", "health", "api"):
        if endpoint := getattr(environment, name):
            values[name] = (quoted(endpoint.url), answered)
    if environment.metrics:
        values["metrics"] = (array(each.url for each in environment.metrics), answered)
    for name in ("backup_dir", "data_dir"):
        if path := getattr(environment, name):
            values[name] = (quoted(str(path)), "is there")
    return values


def _filled(block: str, values: Mapping[str, tuple[str, str]]) -> str:
    """Return a block of the template with the lines of ``values`` set, and all others comments."""
    return "".join(f"{each}\n" for each in _filled_lines(block, values))


def _filled_lines(block: str, values: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    for line in block.splitlines():
        found = _LINE.fullmatch(line)
        if found and found[1] in values:
            yield _line(found[1], *values[found[1]])
        elif found and not line.startswith("#"):
            yield f"# {line}"
        else:
            yield line


def _only_active(block: str) -> str:
    told = _UNWATCHED.splitlines()
    kept = [line for line in block.splitlines() if line in told or not line.startswith("#")]
    return "".join(f"{line}\n" for line in kept if line)


def _targets(environment: Environment, deployments: Sequence[Deployment]) -> str:
    tables = []
    for target, deployment in zip(environment.targets, deployments, strict=True):
        head = f"[{_table(environment)}.targets.{key(target.name)}]"
        lines = (_commented(head, _told(deployment)), *_target(target, deployment))
        tables.append("".join(f"{line}\n" for line in lines))
    return "\n".join(tables)


def _told(deployment: Deployment) -> str:
    return f"{deployment.sureness.value}: {deployment.sign}; {deployment.place}"


def _target(target: TargetAddress, deployment: Deployment) -> Iterator[str]:
    if deployment.note:
        yield f"# {_comment(deployment.note)}"
    yield f"method = {quoted(target.method.value)}"
    for name in ("service", "project", "context", "kubeconfig", "namespace"):
        if value := getattr(target, name):
            yield f"{name} = {quoted(str(value))}"
    if target.units:
        yield f"units = {array(target.units)}"


def _other_targets(environment: Environment) -> str:
    """Return the template's targets without those whose names are taken."""
    taken = {each.name for each in environment.targets}
    kept, skips = [], False
    for line in TARGETS.splitlines():
        if table := _TABLE.match(line):
            skips = table[1] in taken
        if not skips:
            kept.append(line)
    return "".join(f"{line}\n" for line in kept)


def _facts(environment: Environment) -> str:
    head = _commented(
        f"[{_table(environment)}.facts]", "further variables for the steps of procedures"
    )
    facts = [f"{key(name)} = {quoted(value)}" for name, value in environment.facts.items()]
    return "".join(f"{line}\n" for line in (head, *facts))


def _line(name: str, value: str, comment: str) -> str:
    return _commented(f"{name} = {value}", comment)


def _commented(text: str, comment: str) -> str:
    return f"{text.ljust(_COMMENT_AT)} # {_comment(comment)}"


def _comment(text: str) -> str:
    return clean_line(text, limit=_LONGEST_COMMENT)

"""Commands that carry another command: wrappers, shells, and ways into a container or a host."""

from collections.abc import Iterator

from procedures.risk.carried import DOUBT, UNSEEN, Carried, Carrier, Wrapper
from procedures.risk.shells import (
    carry_flock,
    carry_joined,
    carry_shell,
    carry_ssh,
    carry_su,
    carry_trap,
    carry_watch,
)
from procedures.risk.verbs import COMPOSE, TOOLS
from procedures.risk.words import Words, after_options, option_set
from procedures.risk.wrappers import SUDO, carry_command, carry_find, carry_sudo, carry_xargs

_EXEC_VALUED = option_set(
    "-e --env -u --user -w --workdir --env-file --index --detach-keys -c --container -n --namespace"
    " --context -f --filename --pod-running-timeout"
)
_EXEC_FLAGS = option_set(
    "-i -t -d -T -q --interactive --tty --detach --privileged --no-TTY --stdin --quiet"
)


def _entering(name: str) -> Carrier:
    """Return the carrier of ``… exec [options] CONTAINER [--] COMMAND`` of one tool."""
    tool = TOOLS[name]

    def carry(words: Words) -> Iterator[Carried]:
        rest = after_options(words, with_value=tool.with_value, flags=tool.flags)
        verb = rest.words[0].text if rest.words and not rest.doubt else ""
        if verb == "compose":
            yield from _entering(COMPOSE)(rest.words[1:])
        elif verb == "exec":
            yield _inside(rest.words[1:])

    return carry


def _inside(words: Words) -> Carried:
    rest = after_options(words, with_value=_EXEC_VALUED, flags=_EXEC_FLAGS)
    inner = after_options(rest.words[1:], with_value=_EXEC_VALUED, flags=_EXEC_FLAGS)
    if rest.doubt or inner.doubt:
        return Carried(verdict=DOUBT)
    return Carried(words=inner.words) if inner.words else Carried(verdict=UNSEEN)


_PLAIN = Wrapper()
CARRIERS: dict[str, Carrier] = {
    "sudo": carry_sudo,
    "doas": SUDO,
    "env": Wrapper(
        with_value=option_set("-u --unset -C --chdir"),
        flags=option_set("-i -0 - --ignore-environment --null"),
    ),
    "nice": Wrapper(with_value=option_set("-n --adjustment")),
    "ionice": Wrapper(with_value=option_set("-c -n --class --classdata"), flags=option_set("-t")),
    "nohup": _PLAIN,
    "setsid": Wrapper(flags=option_set("-f -w -c --fork --wait --ctty")),
    "stdbuf": Wrapper(with_value=option_set("-i -o -e --input --output --error")),
    "timeout": Wrapper(
        with_value=option_set("-k --kill-after -s --signal"),
        flags=option_set("--preserve-status --foreground -v --verbose"),
        skip=1,
    ),
    "time": Wrapper(
        with_value=option_set("-o -f --output --format"), flags=option_set("-p -v -a --verbose")
    ),
    "command": carry_command,
    "builtin": _PLAIN,
    "exec": Wrapper(with_value=option_set("-a"), flags=option_set("-c -l")),
    "!": _PLAIN,
    "{": _PLAIN,
    "coproc": _PLAIN,
    "chroot": Wrapper(with_value=option_set("--userspec --groups"), skip=1),
    "xargs": carry_xargs,
    "watch": carry_watch,
    "flock": carry_flock,
    "eval": carry_joined,
    "trap": carry_trap,
    "ssh": carry_ssh,
    "find": carry_find,
    **dict.fromkeys(("su", "runuser"), carry_su),
    **dict.fromkeys(("bash", "sh", "dash", "ash", "ksh", "zsh"), carry_shell),
    **{name: _entering(name) for name in ("kubectl", "oc", "docker", "podman", COMPOSE)},
}
"""What each of these commands carries; it is given the words after the name."""

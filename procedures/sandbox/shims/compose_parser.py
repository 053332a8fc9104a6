"""The command line of docker-compose."""

from procedures.sandbox.shims.spans import seconds
from procedures.sandbox.shims.usage import Parser


def parser() -> Parser:
    """Return the parser of everything that the sandbox answers."""
    found = Parser("docker compose")
    for flags in (("-H", "--host"), ("-c", "--context")):
        found.add_argument(*flags)
    found.add_argument("-p", "--project-name", dest="project")
    found.add_argument("-f", "--file", action="append", default=[])
    found.add_argument("--project-directory")
    found.add_argument("--env-file")
    found.add_argument("--ansi")
    actions = found.add_subparsers(dest="action", required=True, parser_class=Parser)

    def action(name: str, *flags: tuple[str, ...], services: bool = True) -> Parser:
        made: Parser = actions.add_parser(name)
        for words in flags:
            if words == ("--services",):
                made.add_argument(*words, action="store_true", dest="names_only")
            else:
                made.add_argument(*words, action="store_true")
        if services:
            made.add_argument("services", nargs="*")
        return made

    action("version", ("--short",), services=False)
    ps = action("ps", ("-a", "--all"), ("-q", "--quiet"), ("--services",), ("--no-trunc",))
    ps.add_argument("--format", default="table")
    ps.add_argument("--status")
    for name in ("restart", "stop"):
        action(name, ("--no-deps",)).add_argument("-t", "--timeout", type=int)
    action("start")
    action("kill").add_argument("-s", "--signal", default="SIGKILL")
    action("down", ("--remove-orphans",)).add_argument("-t", "--timeout", type=int)
    action("rm", ("-f", "--force"), ("-s", "--stop"))
    up = action(
        "up",
        *(("-d", "--detach"), ("--no-deps",), ("--force-recreate",), ("--no-recreate",)),
        *(("--remove-orphans",), ("--build",), ("--no-build",), ("--wait",), ("-q",)),
    )
    up.add_argument("-t", "--timeout", type=int)
    up.add_argument("--pull")
    up.add_argument("--scale", action="append", default=[])
    logs = action("logs", ("--no-color",), ("--no-log-prefix",), ("-t", "--timestamps"))
    logs.add_argument("--since", type=seconds, default=0.0)
    logs.add_argument("-n", "--tail", default="all")
    config = action("config", ("-q", "--quiet"), ("--images",), ("--services",), ("--volumes",))
    config.add_argument("--hash")
    action("images", ("-q", "--quiet"))
    action("pull", ("-q", "--quiet"), ("--ignore-pull-failures",))
    action("build", ("--pull",), ("-q", "--quiet"), ("--no-cache",))
    action("top")
    _commands(action)
    return found


def _commands(action: object) -> None:
    assert callable(action)  # noqa: S101 - ours
    execute = action("exec", ("-T", "--no-TTY"), ("--privileged",), services=False)
    execute.add_argument("-u", "--user")
    execute.add_argument("-w", "--workdir")
    execute.add_argument("-e", "--env", action="append", default=[])
    execute.add_argument("service")
    execute.add_argument("command", nargs="...")
    run = action("run", ("--rm",), ("-T", "--no-TTY"), ("--no-deps",), services=False)
    run.add_argument("-u", "--user")
    run.add_argument("-e", "--env", action="append", default=[])
    run.add_argument("-v", "--volume", action="append", default=[])
    run.add_argument("--entrypoint")
    run.add_argument("--name")
    run.add_argument("service")
    run.add_argument("command", nargs="...")

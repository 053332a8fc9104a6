"""ss: the sockets of the service at the ports that its manifests give it."""

import re

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims.observed import Observed, observe
from procedures.sandbox.shims.usage import UnknownUsageError, say, table

_PORTS = {
    8080: ("llm-config-serv", ""),
    9090: ("llm-config-serv", ""),
    5432: ("postgres", "postgres"),
    6379: ("redis-server", "redis"),
}
_FLAGS = frozenset("tlnpaHus46oie")
_FILTER = re.compile(r"\(?\s*(sport|dport)\s*=\s*:(\d+)\s*\)?")


def run(control: Control, argv: list[str]) -> int:
    """List the listening sockets, those connected, or a summary."""
    flags, words = "", []
    for word in argv:
        if word.startswith("-") and not word.startswith("--"):
            flags += word[1:]
        elif word != "state":
            words.append(word)
    if set(flags) - _FLAGS:
        raise UnknownUsageError(f"ss {' '.join(argv)}")
    seen = observe(control)
    if "s" in flags:
        say("Total: 94\nTCP:   41 (estab 12, closed 20, orphaned 0, timewait 20)")
        return 0
    ports = _ports(" ".join(words))
    head = ("State", "Recv-Q", "Send-Q", "Local Address:Port", "Peer Address:Port", "Process")
    rows = [row for port in _PORTS if port in ports for row in _rows(seen, port, flags, words)]
    shown = rows if "H" in flags else [head, *rows]
    say(table([row if "p" in flags else row[:5] for row in shown], gap=2))
    return 0


def _ports(text: str) -> set[int]:
    found = [int(number) for _, number in _FILTER.findall(text)]
    found += [int(number) for number in re.findall(r"^:(\d+)$", text)]
    return set(found) or set(_PORTS)


def _rows(seen: Observed, port: int, flags: str, words: list[str]) -> list[tuple[str, ...]]:
    program, dependency = _PORTS[port]
    running = [seen.process(dependency)] if dependency else [r for r in seen.replicas if r.running]
    if not any(process is not None and process.running for process in running):
        return []
    pid = next((process.pid for process in running if process is not None), 0)
    users = f'users:(("{program}",pid={pid or 1010},fd=9))'
    rows: list[tuple[str, ...]] = []
    if "l" in flags or "a" in flags:
        rows.append(("LISTEN", "0", "1024", f"0.0.0.0:{port}", "0.0.0.0:*", users))
    if "l" not in flags and (not words or "established" in words or "=" in " ".join(words)):
        rows.append(("ESTAB", "0", "0", f"172.28.0.2:{port}", "172.28.0.1:50412", users))
    return rows

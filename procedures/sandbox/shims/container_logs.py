"""Log lines of containers, as the sandbox keeps them in files."""

from procedures.sandbox.control_client import Control


def read(
    control: Control, sources: list[str], *, since_s: float = 0.0, tail: int | None = None
) -> list[tuple[str, str]]:
    """Return ``(container, line)`` in order of time.

    Args:
        control: The sandbox.
        sources: Containers to read.
        since_s: Only lines of the last seconds; 0 for all.
        tail: Only the last lines of each container; None for all.
    """
    lines = [
        (str(source), str(line))
        for source, line in control.get("/logs", source=sources, since_s=since_s)
    ]
    if tail is None:
        return lines
    left = dict.fromkeys(sources, tail)
    kept = []
    for source, line in reversed(lines):
        if left[source] > 0:
            left[source] -= 1
            kept.append((source, line))
    return kept[::-1]


def tail_count(text: str) -> int | None:
    """Return the number of lines that ``--tail`` asks for; None for all."""
    return None if text in {"all", "-1"} else int(text)

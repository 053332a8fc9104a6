"""Spans of time on a command line."""

import argparse

from procedures.runbook.quantities import seconds


def span_s(text: str) -> float:
    """Return the seconds of ``30s``, ``10m``, ``2h`` or ``1d``; ArgumentTypeError if it is none."""
    found = seconds(text)
    if found is None or found <= 0:
        raise argparse.ArgumentTypeError(f"'{text}' is no span of time such as 10m or 2h")
    return found

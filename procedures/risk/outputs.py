"""Writing to a file, as a redirection or an option may do it."""

import re

from procedures.risk.verdicts import HARMLESS, Verdict, change, destructive
from procedures.risk.words import Word

SINKS = ("/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "-")
OVERWRITES = destructive("overwrites a file")


def judge_file_output(target: Word) -> Verdict:
    """Return the verdict on writing a file from its beginning."""
    if target.text in SINKS or re.fullmatch(r"/dev/fd/\d+", target.text):
        return HARMLESS
    if target.text.startswith(("/dev/tcp/", "/dev/udp/")):
        return change("sends to the network")
    return OVERWRITES

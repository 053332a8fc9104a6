"""Whether output shows what a document expects of it; pure."""

import re
from collections.abc import Sequence
from datetime import datetime

from procedures.execution.run.run import CheckResult

_ANYTHING = "…"


def judge_output(expected: Sequence[str], output: str, at: datetime) -> CheckResult:
    """Return whether ``output`` shows the ``expected`` lines in their order.

    Other lines may stand between them, and space around a line does not count; ``…`` within a
    line matches any text, alone any lines.
    """
    wanted = [line.strip() for line in expected if line.strip() not in ("", _ANYTHING)]
    lines = iter(output.splitlines())
    for line in wanted:
        pattern = re.compile(".*".join(map(re.escape, line.split(_ANYTHING))))
        if not any(pattern.fullmatch(shown.strip()) for shown in lines):
            return CheckResult(
                text="the output is as expected",
                passed=False,
                detail=f"“{line}” is not there, or not in its order",
                at=at,
            )
    return CheckResult(
        text="the output is as expected", passed=True, detail=f"{len(wanted)} lines found", at=at
    )

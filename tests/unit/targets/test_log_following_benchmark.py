"""What it costs to follow; run by `make bench`, prints figures."""

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import pytest

from procedures.clock import SystemClock
from procedures.targets.log_following import LogFollowing
from procedures.targets.log_lines import LogLine, Severity
from procedures.targets.target import LogQuery
from procedures.targets.values import Unit
from tests.scripted_target import SERVICE, ScriptedTarget, deployment, unit

LINES = 300_000
BATCH = 500

pytestmark = pytest.mark.benchmark_only


class Pouring(ScriptedTarget):
    """Every unit writes as fast as it is read."""

    async def log(self, unit: Unit, query: LogQuery) -> AsyncGenerator[Sequence[LogLine], None]:
        batches = [
            [
                LogLine(f"2030-11-23T14:25:{b % 60:02}.{n:03}Z", unit.name, Severity.INFO, "x" * 90)
                for n in range(BATCH)
            ]
            for b in range(60)
        ]
        while True:
            for batch in batches:
                yield batch
                await asyncio.sleep(0)


@pytest.mark.parametrize("units", [1, 4])
async def test_following_costs_little(units: int) -> None:
    target = Pouring(deployment(*(unit(f"u{n}") for n in range(units))))
    taken = largest = 0
    async with aclosing(LogFollowing(target, SERVICE, clock=SystemClock()).batches()) as batches:
        begun = used = 0.0
        async for batch in batches:
            if not taken:
                begun, used = time.perf_counter(), time.process_time()
            taken += len(batch)
            largest = max(largest, len(batch))
            if taken >= LINES:
                break
    took, spent = time.perf_counter() - begun, time.process_time() - used
    sys.stdout.write(
        f"\n{units} units: {taken / took:,.0f} lines/s, "
        f"{1000 * spent / taken * 50_000 / 1000:.2f} s CPU for 50,000 lines a second, "
        f"largest batch {largest}\n"
    )

"""How much a log may say before the console feels it; run by `make bench`, prints figures."""

import asyncio
import resource
import sys
import time

import pytest

from procedures.targets.log_lines import LogLine, severity_of
from tests.pilot.test_log_pane_pilot import PaneApp
from tui.launch import _settle

LINES_PER_S = 50_000
SECONDS = 10
BATCH = 500
BEAT_S = 0.01

pytestmark = pytest.mark.benchmark_only

TEXTS = [
    "INFO llm_config_server::api request completed method=GET status=200 took_ms=10",
    "WARN llm_config_server::cache second tier is slow took_ms=212 namespace=app/llm",
    "ERROR llm_config_server::storage connection to the database was refused attempt=3",
]


@pytest.mark.parametrize("keys", ["", "f", "w"], ids=["plain", "filtered", "wrapped"])
async def test_fifty_thousand_lines_a_second_freeze_nothing(keys: str) -> None:
    app = PaneApp()
    stalls: list[float] = []

    async def beat() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(BEAT_S)
            stalls.append(time.perf_counter() - before - BEAT_S)

    async with app.run_test(size=(200, 50)) as pilot:
        pane = app.pane
        pane.begin("llm-config-manager", "llm-config-manager")
        pane.focus()
        await pilot.press(*keys)
        pane.search("refused")
        _settle()  # as the shipped console does when it has started
        beating = asyncio.create_task(beat())
        await asyncio.sleep(3)
        idle = max(stalls) * 1000
        stalls.clear()
        begun, used = time.perf_counter(), _cpu_s()
        sent = 0
        while sent < LINES_PER_S * SECONDS:
            stamp = f"2026-11-23T14:25:{sent // LINES_PER_S:02}.{sent % 1000:03}Z"
            texts = (TEXTS[number % 40 % 3] for number in range(sent, sent + BATCH))
            pane.extend([LogLine(stamp, f"unit-{t[0]}", severity_of(t), t) for t in texts])
            sent += BATCH
            due = begun + sent / LINES_PER_S
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        took, spent = time.perf_counter() - begun, _cpu_s() - used
        beating.cancel()
    worst = max(stalls) * 1000
    most = sorted(stalls)[-1 - len(stalls) // 1000] * 1000
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        f"\n{keys or '-'}: {sent / took:,.0f} lines/s, {100 * spent / took:.0f}% of a core, "
        f"longest stall {worst:.0f} ms (idle: {idle:.0f}), 99.9 % below {most:.0f} ms, "
        f"{len(pane.window):,} lines kept, peak {memory:.0f} MiB\n"
    )
    assert len(pane.window) == 50_000
    assert pane.window.came == LINES_PER_S * SECONDS


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime

"""What five hundred targets cost, asked every five seconds; run by `make bench`, prints figures.

The shipped command runs in a terminal of its own; exporter and server are other processes. The
console's own environment is watched beside the fleet, as it is in use.
"""

import asyncio
import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from procedures.environment import Endpoint, Environment, Method, Tier
from procedures.fleet.fleet import FleetSettings, fleet_of
from tests.fleet_server import running_fleet
from tests.live_console import live_console, screen_text, until
from tests.prometheus_stack import missing_programs
from tui.app import ConsoleApp
from tui.launch import SWITCH_INTERVAL_S, _settle

pytestmark = [
    pytest.mark.benchmark_only,
    pytest.mark.skipif(bool(missing_programs()), reason=f"not installed: {missing_programs()}"),
]

TARGETS = 500
SETTLE_S, WATCH_S = 8.0, 40.0
REFRESH_S = 5.0
BEAT_S = 0.01
SIZES = pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80x24", "200x50"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_fleet(tmp_path_factory.mktemp("fleet"), TARGETS, every="5s") as address:
        yield address


@dataclass
class Terminal:
    """A program on a pseudo terminal, and what it has written so far."""

    process: subprocess.Popen[bytes]
    master: int
    written: bytes = b""

    def read_for(self, seconds: float) -> int:
        """Read what comes within so many seconds; return how many bytes."""
        deadline, before = time.monotonic() + seconds, len(self.written)
        while (left := deadline - time.monotonic()) > 0:
            if select.select([self.master], [], [], left)[0]:
                self.written += os.read(self.master, 65_536)
        return len(self.written) - before

    def cpu_s(self) -> float:
        """Return the processor time of all its threads so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def shipped(words: list[str], size: tuple[int, int], home: Path) -> Iterator[Terminal]:
    """Run the command in a terminal of that size, with a home of its own."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    variables = {**os.environ, "HOME": str(home), "TERM": "xterm-256color"}
    variables |= {name: str(home) for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", *words],
        stdin=slave, stdout=slave, stderr=slave, env=variables, start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        process.terminate()
        process.wait(timeout=10)
        os.close(master)


@SIZES
@pytest.mark.parametrize("place", ["fleet", "dashboard"])
def test_the_processor_time_and_bytes_of_a_refresh(
    server: str, tmp_path: Path, size: tuple[int, int], place: str
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(
        f'[fleet]\nprometheus = "{server}"\nwindow = "1m"\n'
        f'[environment.production]\ntier = "production"\nmethod = "kubernetes"\n'
        f'prometheus = "{server}"\nlabels = {{ environment = "env-001" }}\n'
    )
    words = ["--config", str(settings), *(["fleet"] if place == "fleet" else [])]
    with shipped(words, size, tmp_path) as terminal:
        terminal.read_for(SETTLE_S)
        assert (f"{TARGETS} rows" if place == "fleet" else "Availability").encode() in (
            terminal.written
        )
        before = terminal.cpu_s()
        sent = terminal.read_for(WATCH_S)
        used = terminal.cpu_s() - before
    sys.stdout.write(
        f"\n{place} {size[0]}x{size[1]}: {100 * used / WATCH_S:.2f} % of a core, "
        f"{1000 * used / WATCH_S * REFRESH_S:.0f} ms and {sent / WATCH_S * REFRESH_S:,.0f} bytes "
        f"every {REFRESH_S:g} s\n"
    )
    assert sent


@SIZES
async def test_nothing_holds_up_the_keys(
    server: str, tmp_path: Path, size: tuple[int, int]
) -> None:
    known = Endpoint(url=server)
    environment = Environment(
        name="production", tier=Tier.PRODUCTION, method=Method.KUBERNETES,
        labels={"environment": "env-001"}, prometheus=known,
    )  # fmt: skip
    stalls: list[float] = []
    busy: list[float] = []

    async def beat() -> None:
        while True:
            before, worked = time.perf_counter(), time.thread_time()
            await asyncio.sleep(BEAT_S)
            stalls.append(time.perf_counter() - before - BEAT_S)
            busy.append(time.thread_time() - worked)

    sys.setswitchinterval(SWITCH_INTERVAL_S)
    async with live_console(environment, tmp_path, size=size) as pilot:
        app = pilot.app
        assert isinstance(app, ConsoleApp)
        app.services.fleet = fleet_of(
            FleetSettings(prometheus=known, window_s=60), {"production": environment}
        )
        await until(pilot, lambda: app.snapshot is not None)
        _settle()
        await asyncio.sleep(SETTLE_S)
        beating = asyncio.create_task(beat())
        await asyncio.sleep(WATCH_S)
        idle = max(stalls) * 1000
        await pilot.press("5")
        await until(pilot, lambda: f"{TARGETS} rows" in screen_text(pilot))
        await asyncio.sleep(SETTLE_S)
        stalls.clear()
        busy.clear()
        await asyncio.sleep(WATCH_S)
        beating.cancel()
    worst = sorted(stalls)
    sys.stdout.write(
        f"\nfleet {size[0]}x{size[1]}: longest stall {1000 * worst[-1]:.0f} ms "
        f"(dashboard: {idle:.0f}), 99.9 % below {1000 * worst[-1 - len(worst) // 1000]:.0f} ms, "
        f"at most {1000 * max(busy):.0f} ms of work between two beats\n"
    )
    assert worst

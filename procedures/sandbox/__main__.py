"""Run the sandbox: ``python -m procedures.sandbox STATE_DIR --method docker``."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from procedures.clock import SystemClock
from procedures.sandbox import backups, premises, seed, shim_files
from procedures.sandbox.configs import ConfigStore
from procedures.sandbox.faults import FAULTS
from procedures.sandbox.kept import Kept
from procedures.sandbox.pace import Pace
from procedures.sandbox.postgres import real
from procedures.sandbox.running import Running
from procedures.sandbox.state_dir import READY, TAKEN, StateDir


def main() -> int:
    """Run until SIGTERM, or until nobody needs the sandbox any more."""
    options = _options()
    if options.detach and os.fork():
        return 0
    state = StateDir(options.state_dir)
    state.prepare()
    claim = state.claim()
    if claim is None:
        _tell_launcher(TAKEN)
        return 1
    with claim:
        asyncio.run(_run(state, options))
    return 0


def _options() -> argparse.Namespace:
    pace = Pace()
    parser = argparse.ArgumentParser(prog="python -m procedures.sandbox", description=__doc__)
    parser.add_argument("state_dir", type=Path)
    parser.add_argument("--method", choices=("docker", "kubernetes", "systemd"), required=True)
    parser.add_argument("--fault", action="append", default=[], choices=sorted(FAULTS))
    parser.add_argument("--health-shape", choices=("full", "minimal"), default="full")
    parser.add_argument(
        "--postgres",
        default=os.environ.get(real.VARIABLE, ""),
        metavar="SOCKET_DIRECTORY:PORT",
        help="a running PostgreSQL that the database's client programs use instead",
    )
    parser.add_argument("--owner-on-stdin", action="store_true", help="end when stdin ends")
    parser.add_argument("--detach", action="store_true", help="leave the parent's process tree")
    parser.add_argument("--stop-s", type=float, default=pace.stop_s)
    parser.add_argument("--start-s", type=float, default=pace.start_s)
    parser.add_argument("--dependency-start-s", type=float, default=pace.dependency_start_s)
    parser.add_argument("--warm-s", type=float, default=pace.warm_s)
    return parser.parse_args()


async def _run(state: StateDir, options: argparse.Namespace) -> None:
    clock = SystemClock()
    Kept(state.kept).clear()
    premises.furnish(state)
    running = Running(
        state,
        clock=clock,
        configs=_configs(state, clock),
        pace=Pace(
            stop_s=options.stop_s,
            start_s=options.start_s,
            dependency_start_s=options.dependency_start_s,
            warm_s=options.warm_s,
        ),
        seed=int(clock.now().timestamp()),
        method=options.method,
        minimal_health=options.health_shape == "minimal",
    )
    shim_files.write(state, options.method)
    real.remember(state, real.named(options.postgres))
    ending = _listen_for_the_end(running, owned=options.owner_on_stdin)
    try:
        await running.open(options.fault)
        state.write_record(running.record(os.getpid()))
        _tell_launcher(READY)
        async with asyncio.TaskGroup() as tasks:
            living = tasks.create_task(running.live())
            await ending.wait()
            living.cancel()
    finally:
        await running.close()


def _tell_launcher(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def _configs(state: StateDir, clock: SystemClock) -> ConfigStore:
    configs = ConfigStore(state.database, clock=clock)
    seed.fill(configs)
    backups.ensure_backup(state, clock=clock)
    return configs


def _listen_for_the_end(running: Running, *, owned: bool) -> asyncio.Event:
    """Return the event that ends the sandbox: a signal, or that nobody needs it any more."""
    loop = asyncio.get_running_loop()
    ending = running.leases.abandoned
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    if owned:
        loop.add_reader(sys.stdin.fileno(), _heed_owner, running)
    return ending


def _heed_owner(running: Running) -> None:
    """Notice that the owner closed its end of the pipe, or died."""
    stdin = sys.stdin.fileno()
    if not os.read(stdin, 1024):
        asyncio.get_running_loop().remove_reader(stdin)
        running.leases.disown()


if __name__ == "__main__":
    sys.exit(main())

"""A server of a test that can be stopped, started again where it was, and held still."""

import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.prometheus_stack import wait_for

PATIENCE_S = 60.0
END_S = 2.0


class ServerProcess:
    """A program with the arguments that it is started with, every time.

    Attributes:
        log: What the program prints, over all its lives.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        home: Path,
        is_ready: Callable[[], bool] = lambda: True,
    ) -> None:
        self.log = home / f"{name}.log"
        self._command = list(command)
        self._home = home
        self._is_ready = is_ready
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run it from now on; return when it is ready."""
        assert self._process is None, f"{self.log.stem} runs already"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._home
            )
        try:
            wait_for(self._serves, PATIENCE_S)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it, the hard way where it does not listen; nothing happens when it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def pause(self) -> None:
        """Hold it still: its connections stay open, and nobody answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process, f"{self.log.stem} does not run"
        self._process.send_signal(number)

    def _serves(self) -> bool:
        assert self._process
        if self._process.poll() is not None:
            tail = self.log.read_text(errors="replace")[-2000:]
            raise AssertionError(f"{self.log.stem} ended:\n{tail}")
        return self._is_ready()

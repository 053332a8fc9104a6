"""A sandbox process in the hands of the console that started it."""

import os
import select
import signal
from typing import IO

_PATIENCE_S = 5.0


class Owned:
    """A sandbox process that this one started, and that ends when this one lets go of it."""

    def __init__(self, pid: int, pipe: IO[str]) -> None:
        self._pipe = pipe
        self._process = os.pidfd_open(pid)

    def let_go(self) -> None:
        """Let the process end, unless other consoles have joined it."""
        self._pipe.close()
        os.close(self._process)

    def end(self) -> None:
        """End the process: by letting go, by asking, by force."""
        self._pipe.close()
        for harder in (signal.SIGTERM, signal.SIGKILL):
            ended, _, _ = select.select([self._process], [], [], _PATIENCE_S)
            if ended:
                break
            signal.pidfd_send_signal(self._process, harder)
        os.close(self._process)

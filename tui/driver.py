"""The terminal as Textual drives it, which may be gone at any moment."""

import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TextIO

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from textual.app import App


class Driver(LinuxDriver):
    """Ends the console when its terminal is gone, also where no signal tells of that.

    A session's leader that outlives its terminal, as ``make`` does, keeps the signal to itself.
    The first write that fails ends Textual's writer, and the writes that nobody takes from it any
    more would block the event loop for ever; here they go nowhere, and the console ends in order.
    """

    def __init__(self, app: "App[Any]", **options: Any) -> None:  # noqa: ANN401
        super().__init__(app, **options)
        self._file: Any = Outlet(self._file, lambda: app.call_later(app.exit, 128 + signal.SIGHUP))


class Outlet:
    """Writes to a file until that fails.

    Args:
        file: Where to.
        lost: Called once, when the file does not take anything any more.
    """

    def __init__(self, file: TextIO, lost: Callable[[], object]) -> None:
        self._file = file
        self._lost = lost
        self._is_lost = False

    def fileno(self) -> int:
        """Return the file's descriptor."""
        return self._file.fileno()

    def write(self, text: str) -> None:
        """Write ``text``, or nothing."""
        self._do(lambda: self._file.write(text))

    def flush(self) -> None:
        """Write what is held back, or nothing."""
        self._do(self._file.flush)

    def _do(self, act: Callable[[], object]) -> None:
        if self._is_lost:
            return
        try:
            act()
        except OSError:
            self._is_lost = True
            self._lost()

"""A real systemd with its journal, in a box that is thrown away: booted in a third of a second."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path

from tests.systemd_units import FIFO, JOURNAL, MASKED, SCRIPTS, STARTED, UNITS

PROGRAMS = ("systemd-nspawn", "nsenter", "mmdebstrap")
_CONTROL_GROUPS = Path("/sys/fs/cgroup")
_BUILD = Path(__file__).parent.parent / ".ci" / "systemd-root"
_NUMBERS = count(1)
_NOBODY = 65534
_NEVER_ALONE = "setpriv --pdeathsig KILL"
"""So that no box is left behind by tests that are killed."""
_CLEAN = ("env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin")


def why_absent() -> str:
    """Return why there can be no box on this machine; empty if there can."""
    if os.geteuid() != 0:
        return "only root can boot a systemd of its own"
    missing = [each for each in PROGRAMS if shutil.which(each) is None]
    if missing:
        needed = "apt-get install systemd-container mmdebstrap"
        return f"not installed: {', '.join(missing)}; {needed}"
    return ""


class SystemdBox:
    """A systemd over a root that is never written to; it can be stopped and booted again.

    Attributes:
        tools: Directory with a systemctl, a journalctl and a sudo that act in the box.
        stranger: The same for a user who belongs to no group.
    """

    def __init__(self, root: Path, home: Path) -> None:
        self._root = root
        self._home = home
        self._name = f"box{os.getpid()}-{next(_NUMBERS)}"
        self._nspawn: subprocess.Popen[bytes] | None = None
        self._leader = 0
        self.tools, self.stranger = home / "tools", home / "stranger"
        self._write_tools()

    def boot(self) -> None:
        """Boot it and start the units that are usually up."""
        groups = self._control_groups()
        for each in groups:
            each.mkdir(exist_ok=True)
        join = "; ".join(f"echo $$ > {each}/cgroup.procs" for each in groups)
        with (self._home / "console").open("ab") as console:
            self._nspawn = subprocess.Popen(
                [
                    *("sh", "-c", f'{join}; exec {_NEVER_ALONE} systemd-nspawn "$@"', "sh"),
                    *("--quiet", "--register=no", "--keep-unit", f"--machine={self._name}"),
                    *(f"--directory={self._root}", "--volatile=overlay", "--console=pipe"),
                    *("--boot", "systemd.show_status=0"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        wait_for(self._has_leader)
        self._note_leader(self._leader)
        wait_for(lambda: self.run("systemctl", "is-system-running", check=False).strip() in _UP)
        self._install()
        self.run("systemctl", "start", *STARTED)

    def stop(self) -> None:
        """Switch it off; what it logged is gone."""
        process, self._nspawn = self._nspawn, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.kill(self._leader, signal.SIGKILL)  # nobody waits for what it would still write
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for group in self._control_groups():
            for folder, _, _ in os.walk(group, topdown=False):
                with suppress(OSError):
                    Path(folder).rmdir()

    def run(self, *argv: str, check: bool = True) -> str:
        """Run a program in the box; AssertionError carries what it complains."""
        done = subprocess.run(
            ["nsenter", "-t", str(self._leader), "-a", *_CLEAN, *argv],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert not check or done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
        return done.stdout

    def command(self, line: str) -> None:
        """Give the service a command, as soon as it listens."""

        def given() -> bool:
            try:
                pipe = os.open(f"/proc/{self._leader}/root{FIFO}", os.O_WRONLY | os.O_NONBLOCK)
            except OSError:  # not there yet, or nobody listens
                return False
            with open(pipe, "w") as file:  # noqa: PTH123 - a descriptor
                file.write(f"{line}\n")
            return True

        wait_for(given)

    def hide_tools(self) -> None:
        """Take systemctl and journalctl away."""
        self.tools.rename(self.tools.with_suffix(".hidden"))

    def show_tools(self) -> None:
        """Bring them back."""
        self.tools.with_suffix(".hidden").rename(self.tools)

    def _has_leader(self) -> bool:
        assert self._nspawn is not None
        assert self._nspawn.poll() is None, (self._home / "console").read_text()
        pid = self._nspawn.pid
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            with suppress(OSError):
                if Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                    self._leader = int(child)
                    return True
        return False

    def _install(self) -> None:
        root = Path(f"/proc/{self._leader}/root")
        folder = root / "etc/systemd/system"
        for name, text in UNITS.items():
            (folder / name).write_text(text)
        (root / "opt").mkdir(exist_ok=True)
        for name, text in SCRIPTS.items():
            (root / "opt" / name).write_text(text)
        (folder / MASKED).symlink_to("/dev/null")
        (folder / "redis.service").symlink_to("/etc/systemd/system/redis-server.service")
        self.run("systemctl", "daemon-reload")
        self.run("systemctl", "enable", "llm-config-manager")

    def _write_tools(self) -> None:
        for folder, user in ((self.tools, ""), (self.stranger, f"-S {_NOBODY} -G {_NOBODY}")):
            folder.mkdir()
            for tool in ("systemctl", "journalctl"):
                clean = f'{" ".join(_CLEAN)} TZ="${{TZ:-Asia/Tokyo}}" LC_ALL="$LC_ALL"'
                enter = f'nsenter -t "$leader" -a {user} {clean} {tool} "$@"'
                _write(folder / tool, f"read -r leader < {self._home}/leader\nexec {enter}")
        _write(self.tools / "sudo", 'test "$1" = -n && shift\nexec "$@"')

    def _note_leader(self, pid: int) -> None:
        (self._home / "leader").write_text(f"{pid}\n")

    def _control_groups(self) -> list[Path]:
        """Return its own control groups: two boxes in one would be one to systemd."""
        split = [_CONTROL_GROUPS / each for each in ("systemd", "unified")]
        roots = [each for each in split if each.is_dir()] or [_CONTROL_GROUPS]
        return [each / self._name for each in roots]


_UP = frozenset({"running", "degraded"})


@contextmanager
def running_box() -> Iterator[SystemdBox]:
    """Boot a box over the root in the cache, which is built if it is not there."""
    built = subprocess.run([_BUILD], capture_output=True, text=True, timeout=600, check=False)
    assert built.returncode == 0, built.stderr
    archive = built.stdout.strip()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="qd-systemd")))
        root = home / "root"
        root.mkdir()
        subprocess.run(["tar", "-C", str(root), "-xf", archive], check=True)
        settings = root / "etc/systemd/journald.conf.d"
        settings.mkdir()
        (settings / "long.conf").write_text(JOURNAL)
        box = SystemdBox(root, home)
        stack.callback(box.stop)
        box.boot()
        yield box


def wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Ask again and again until ``condition`` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came so far"
        time.sleep(0.02)


def _write(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)

"""``quarterdeck run`` where the settings name a team's database, run as processes."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from procedures.clock import SystemClock
from procedures.execution.policy.policy import Operator, Policy
from procedures.execution.record import approvals
from procedures.ledger.choose import open_ledger
from tests.integration.commands.workshop import Workshop
from tests.integration.ledger.cutting_proxy import CuttingProxy
from tests.postgres_server import PASSWORDS, PostgresServer

pytestmark = pytest.mark.postgres

SLOW = """\
### Wait

```sh {level=change affects="a file"}
echo begun
while ! test -e "$PLACE/gate"; do sleep 0.05; done
echo ended >> "$PLACE/ended"
```

```check
file $PLACE/ended exists
```

```undo {level=change}
rm -f "$PLACE/ended"
```

### Look

```sh
cat "$PLACE/ended"
```
"""
SECOND = '[[rule]]\nlevels = ["change"]\nsecond_person = true\n'


NOBODY = 65534


def logged_in() -> bool:
    """Tell whether the audit subsystem knows who is at this machine."""
    path = Path("/proc/self/loginuid")
    return path.exists() and path.read_text() != "4294967295"


@pytest.fixture
def database(postgres: PostgresServer) -> str:
    return postgres.database()


class Bastion(Workshop):
    """A machine with a home of its own, whose settings name the team's ledger."""

    def __init__(self, path: Path, url: str) -> None:
        self._url = url
        path.mkdir()
        super().__init__(path)

    @property
    def variables(self) -> dict[str, str]:
        return {**super().variables, "LEDGER_PASSWORD": PASSWORDS["ada"]}

    def argv(self, *words: str, uid: int = 0) -> list[str]:
        """Return the command line of ``quarterdeck WORDS``, as another user with all rights."""
        as_user = ["setpriv", f"--ruid={uid}"] if uid else []
        return [*as_user, *super().argv(*words)]

    def configure(self, *, tier: str = "staging", policy: str = "") -> None:
        super().configure(tier=tier, policy=policy)
        ledger = f'[ledger]\nurl = "{self._url}"\npassword = {{ env = "LEDGER_PASSWORD" }}\n'
        self.settings.write_text(self.settings.read_text() + ledger)


@pytest.fixture
def proxy(postgres: PostgresServer) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(postgres.port)
    yield proxy
    proxy.close()


@pytest.fixture
def first(tmp_path: Path, postgres: PostgresServer, database: str, proxy: CuttingProxy) -> Bastion:
    bastion = Bastion(tmp_path / "first", postgres.address(database, port=proxy.port).url)
    bastion.write("slow", SLOW)
    return bastion


@pytest.fixture
def second(tmp_path: Path, postgres: PostgresServer, database: str) -> Bastion:
    return Bastion(tmp_path / "second", postgres.address(database).url)


def test_another_bastion_sees_the_run_and_its_request_and_the_first_goes_on(
    first: Bastion, second: Bastion, postgres: PostgresServer, database: str
) -> None:
    (first.path / "gate").touch()
    first.configure(policy=SECOND)
    assert first.run("run", "slow").returncode == 6
    assert not (first.state / "ledger.db").exists()
    (listed,) = second.asked("runs", "list")["runs"]
    assert (listed["id"], listed["current"]) == (first.run_id(), "wait")
    (request,) = second.asked("approve")["requests"]
    assert request["run"] == first.run_id()
    ledger = open_ledger(Path("unused"), postgres.address(database), clock=SystemClock())
    asked = approvals.request_of(ledger.events(subject=first.run_id()))
    assert asked is not None
    approvals.decide(
        asked,
        granted=True,
        operator=Operator(name="grace-elsewhere"),
        policy=Policy(),
        ledger=ledger,
        clock=SystemClock(),
    )
    ledger.close()
    assert first.run("run", "slow").returncode == 0
    assert second.asked("runs", "show", first.run_id())["outcome"] == "completed"


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to be two users of this machine")
@pytest.mark.skipif(logged_in(), reason="this machine knows who logged in, which nobody can change")
def test_only_another_user_of_the_operating_system_is_a_second_person(
    first: Bastion, second: Bastion, postgres: PostgresServer, database: str
) -> None:
    (first.path / "gate").touch()
    first.configure(policy=SECOND)
    assert first.run("run", "slow").returncode == 6
    run_id = first.run_id()
    alone = second.run("approve", run_id, "--yes")
    assert alone.returncode != 0
    assert "root" in alone.stderr
    assert first.run("run", "slow").returncode == 6
    done = subprocess.run(
        second.argv("approve", run_id, "--yes", uid=NOBODY),
        env=second.variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert first.run("run", "slow").returncode == 0
    ledger = open_ledger(Path("unused"), postgres.address(database), clock=SystemClock())
    events = ledger.events(subject=run_id)
    ledger.close()
    (granted,) = [event for event in events if event.kind == "approval.granted"]
    assert granted.operator == "nobody"
    assert {event.operator for event in events} == {"root", "nobody"}


def test_a_database_lost_in_the_middle_of_a_step_loses_nothing_of_it(
    first: Bastion, second: Bastion, proxy: CuttingProxy
) -> None:
    with started(first, "run", "slow") as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "| begun" in line:
                break
        proxy.hang_up()
        (first.path / "gate").touch()
        told = process.stdout.read()
        assert process.wait(60) == 2, told
    assert "stays open" in told
    waiting = first.run("ledger", "status")
    proxy.closed = False
    assert "wait on this machine to be shared" in waiting.stdout
    done = first.run("run", "slow")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (first.path / "ended").read_text() == "ended\n"
    shown = second.asked("runs", "show", second.run_id())
    assert [each["status"] for each in shown["steps"]] == ["passed", "passed"]


@contextmanager
def started(bastion: Bastion, *words: str) -> "Iterator[subprocess.Popen[str]]":
    with subprocess.Popen(
        bastion.argv(*words),
        env=bastion.variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        yield process
        process.kill()

"""Backups in a bucket, through the real ``aws`` and a server that speaks S3."""

import asyncio
import gzip
import socket
from collections.abc import Iterator, Mapping

import httpx
import pytest

from procedures.backups import depot as depot_module
from procedures.backups.depot import Depot
from procedures.backups.settings import BackupSettings
from procedures.backups.streams import Effort
from procedures.backups.values import Backup, Outcome, PlaceKind
from procedures.environment import Environment, Method, Tier
from procedures.errors import SourceError
from procedures.reference.backups import Schedule
from tests import s3_server
from tests.integration.backups.depot_of_files import Files, Fixed, complete, packed
from tests.s3_server import BUCKET, S3Server, running_server
from tui.commands.trial import trials_of

pytestmark = pytest.mark.s3

WHOLE = gzip.compress(packed(complete()))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A server with backups in its bucket; skips where it is not installed."""
    if reason := s3_server.missing():
        pytest.skip(reason)
    home = tmp_path_factory.mktemp("s3")
    content = home / "content"
    (content / "hourly").mkdir(parents=True)
    (content / "hourly" / "backup-hourly-20260304T110000Z.tar.gz").write_bytes(WHOLE)
    (content / "backup-daily-20260304T020000Z.tar.gz").write_bytes(WHOLE[:-9])
    (content / "notes.txt").write_text("nothing")
    with running_server(home) as running:
        running.aws("s3", "cp", "--quiet", "--recursive", str(content), f"s3://{BUCKET}/backups")
        yield running


def environment(
    server: S3Server, *, place: str = f"s3://{BUCKET}/backups", profile: str = "", end: str = ""
) -> Environment:
    settings = BackupSettings(s3=place, s3_endpoint=end or server.endpoint, s3_profile=profile)
    return Environment(name="x", tier=Tier.STAGING, method=Method.DOCKER, backups=settings)


def depot(server: S3Server, **changed: str) -> Depot:
    return Depot(environment(server, **changed), Fixed(), variables=server.variables)


async def found(server: S3Server) -> dict[str, Backup]:
    return {each.name: each for each in (await depot(server).stock()).backups}


async def fault(
    server: S3Server, variables: Mapping[str, str] | None = None, **changed: str
) -> str:
    asked = Depot(environment(server, **changed), Fixed(), variables=variables or server.variables)
    with pytest.raises(SourceError) as caught:
        await asked.stock()
    assert caught.value.fix
    assert "secret-of-ada" not in str(caught.value)
    return caught.value.what


async def test_the_backups_of_a_bucket_are_listed(server: S3Server) -> None:
    backups = await found(server)
    assert {name: (b.path, b.schedule, b.size_bytes) for name, b in backups.items()} == {
        "backup-hourly-20260304T110000Z.tar.gz": (
            "hourly/backup-hourly-20260304T110000Z.tar.gz",
            Schedule.HOURLY,
            len(WHOLE),
        ),
        "backup-daily-20260304T020000Z.tar.gz": (
            "backup-daily-20260304T020000Z.tar.gz",
            Schedule.DAILY,
            len(WHOLE) - 9,
        ),
    }


async def test_an_object_is_read_through_without_touching_the_disk(server: S3Server) -> None:
    backups, effort = await found(server), Effort()
    whole = backups["backup-hourly-20260304T110000Z.tar.gz"]
    assert (await depot(server).verify(whole, effort)).outcome is Outcome.PASSED
    assert effort.part == 1.0
    cut = await depot(server).verify(backups["backup-daily-20260304T020000Z.tar.gz"])
    assert cut.outcome is Outcome.FAILED


async def test_an_object_that_is_gone_is_told(server: S3Server) -> None:
    server.aws("s3", "cp", "--quiet", "/etc/hostname", f"s3://{BUCKET}/backups/gone.tar")
    gone = (await found(server))["gone.tar"]
    server.aws("s3", "rm", f"s3://{BUCKET}/backups/gone.tar")
    with pytest.raises(SourceError, match="not there any more"):
        await depot(server).verify(gone)


async def test_more_objects_than_one_page_holds_are_all_listed(server: S3Server) -> None:
    async with httpx.AsyncClient(base_url=server.endpoint) as client:
        for number in range(1100):
            answer = await client.put(f"/{BUCKET}/many/backup-{number}.tar", content=b"x")
            answer.raise_for_status()
    stock = await depot(server, place=f"s3://{BUCKET}/many").stock()
    assert len(stock.backups) == 1100


async def test_nothing_below_a_prefix_is_no_backup(server: S3Server) -> None:
    assert (await depot(server, place=f"s3://{BUCKET}/nothing").stock()).backups == ()


async def test_what_is_wrong_is_told_in_the_operators_words(server: S3Server) -> None:
    assert "there is no bucket" in await fault(server, place="s3://no-such-bucket/x")
    assert "no profile nobody" in await fault(server, profile="nobody")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{free.getsockname()[1]}"
        assert "cannot be reached" in await fault(server, end=closed)


async def test_nobody_without_credentials_is_let_in(server: S3Server) -> None:
    without = {
        name: value for name, value in server.variables.items() if not name.endswith(("_ID", "KEY"))
    }
    variables = {**without, "AWS_EC2_METADATA_DISABLED": "true"}
    assert "no credentials" in await fault(server, variables)


async def test_a_server_that_never_answers_is_given_up(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(depot_module, "S3_TIMEOUT_S", 2.0)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        end = f"http://127.0.0.1:{silent.getsockname()[1]}"
        async with asyncio.timeout(30):
            assert "gave no list" in await fault(server, end=end)


async def test_a_bucket_that_fails_hides_no_directory(server: S3Server, files: Files) -> None:
    files.write("a.tar.gz", WHOLE)
    files.settings = BackupSettings(s3="s3://no-such-bucket/x", s3_endpoint=server.endpoint)
    both = Depot(files.environment, Fixed(), variables=server.variables)
    stock = await both.stock()
    assert [each.place for each in stock.backups] == [PlaceKind.DIRECTORY]
    assert "there is no bucket" in stock.faults[0]


async def test_without_aws_the_bucket_is_not_looked_into(server: S3Server) -> None:
    assert "aws is not installed" in await fault(server, {"PATH": "/nowhere"})


def test_the_settings_are_tried_by_listing_the_bucket(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    good, bad = trials_of([environment(server), environment(server, place="s3://no-such-one")])
    assert (good.passed, good.key) == (True, "backups.s3")
    assert good.said.startswith("lists ")
    assert not bad.passed
    assert "there is no bucket" in bad.said

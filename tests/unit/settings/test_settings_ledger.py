"""Where the settings may say that a team keeps its record."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.environment import Secret
from procedures.errors import SettingsError
from tests.unit.settings.test_settings_document import PATH, WATCHED, settings
from tui.settings.describe import describe
from tui.settings.ledger import ledger_url

LEDGER = '[ledger]\nurl = "postgresql://qd@db1:5432,db2/team?sslmode=verify-full"\n'


def test_without_a_table_of_its_own_the_ledger_is_that_of_the_machine() -> None:
    assert settings(WATCHED).ledger is None
    assert "ledger   (that of the machine)" in describe(settings(WATCHED))


def test_a_shared_ledger_has_an_address_and_a_password_from_elsewhere() -> None:
    read = settings(LEDGER + 'password = { file = "ledger.password" }\n' + WATCHED)
    assert read.ledger is not None
    assert read.ledger.place == "db1:5432,db2/team"
    assert read.ledger.password == Secret(file=PATH.parent / "ledger.password")
    assert f"ledger   {read.ledger.url}; password from file {PATH.parent}" in describe(read)
    alone = settings(LEDGER + WATCHED)
    assert alone.ledger is not None
    assert alone.ledger.password is None


def test_the_password_of_the_ledger_is_a_secret_like_any_other() -> None:
    source = LEDGER + 'password = "s3cret"\n' + WATCHED
    read = settings(source)
    assert "s3cret" not in repr(read)
    assert "s3cret" not in describe(read)
    with pytest.raises(SettingsError) as refused:
        settings(source, exposed="Run: chmod 600 F")
    assert "3: ledger.password: is a secret in a file that others can read" in refused.value.what


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///team",
        "postgres://db/team",
        "postgresql://qd@%2Frun%2Fpostgresql/team",
        "postgresql://qd@[::1]:5433/team?sslmode=require&sslrootcert=/etc/ssl/ca.pem",
        "postgresql://db1,db2:5433/team?target_session_attrs=read-write",
    ],
)
def test_an_address_of_a_database_may_have_every_form(url: str) -> None:
    ledger = settings(f'[ledger]\nurl = "{url}"\n' + WATCHED).ledger
    assert ledger is not None
    assert ledger.url == url


@pytest.mark.parametrize(
    ("line", "said", "advised"),
    [
        ('url = "mysql://db/team"', "2: ledger.url: is no address of a Postgre", "postgresql://"),
        ('url = "db1/team"', "is no address of a PostgreSQL database", "postgresql://"),
        ('url = "postgresql://d b/team"', "is no address of a PostgreSQL database", "url ="),
        ('url = "postgresql://[::1/team"', "is no address", "url ="),
        ('url = "postgresql://db"', "name of one database", "url ="),
        ('url = "postgresql://db/"', "name of one database", "url ="),
        ('url = "postgresql://db/a/b"', "name of one database", "url ="),
        ('url = "postgresql://db/a#b"', "name of one database", "url ="),
        ('url = "postgresql://db:0/a"', "a host or port that cannot be", "url ="),
        ('url = "postgresql://db:99999/a"', "a host or port that cannot be", "url ="),
        ('url = "postgresql://db,,dc/a"', "a host or port that cannot be", "url ="),
        ('url = "postgresql://u:s3cret@db/a"', "a password in the address", "password = {"),
        ('url = "postgresql://db/a?password=s3cret"', "a password in the address", "env ="),
        ('url = "postgresql://db/a?sslmod=x"', "an unknown option 'sslmod'", "'sslmode'"),
        ('url = "postgresql://db/a?sslmode=on"', "has sslmode=on", "verify-full"),
        ('url = "postgresql://db/a?sslrootcert=ca.pem"', "no absolute path", "in full"),
        ('url = "postgresql://db/a?sslmode"', "is no address", "url ="),
        ("url = 5", "ledger.url: must be a string", "quotes"),
        ('url = ""', "ledger.url: is empty", "Give it a value"),
        ('password = { env = "PW" }', "ledger.password: needs `url` beside it", "url ="),
        ('ulr = "postgresql://db/a"', "2: ledger.ulr: is not a key", "'url'"),
        ('url = "postgresql://db/a"\npassword = 5', "3: ledger.password: must be a", "env ="),
    ],
)
def test_a_ledger_that_cannot_be_is_refused_in_its_line(line: str, said: str, advised: str) -> None:
    with pytest.raises(SettingsError) as refused:
        settings(f"[ledger]\n{line}\n{WATCHED}")
    assert refused.value.what.startswith(f"{PATH}:")
    assert said in refused.value.what
    assert advised in refused.value.fix
    assert "s3cret" not in str(refused.value)


@given(st.text())
def test_any_text_is_an_address_of_a_ledger_or_a_settings_error(text: str) -> None:
    for url in (text, f"postgresql://{text}", f"postgresql://db/team?{text}"):
        with suppress(SettingsError):
            assert ledger_url(url) == url

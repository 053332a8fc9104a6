"""What a server's refusals become in an operator's words."""

import socket
import ssl

import asyncpg
import pytest

from procedures.errors import LedgerUnreachableError
from procedures.ledger.postgres.explain import explain, is_passing


def refusal(state: str, message: str = "no") -> asyncpg.PostgresError:
    return asyncpg.PostgresError.new({"C": state, "M": message})


@pytest.mark.parametrize(
    ("error", "said", "passing"),
    [
        (refusal("28P01"), "refused the password", False),
        (refusal("3D000", 'database "x" does not exist'), "does not exist", False),
        (refusal("42501"), "may not be used by this user", False),
        (refusal("53100"), "the disk of its server is full", True),
        (refusal("53300"), "has no connection left", True),
        (refusal("57P01"), "broke the connection", True),
        (refusal("57P03"), "is starting up", True),
        (refusal("57P04"), "broke the connection", False),
        (refusal("08006"), "broke the connection", True),
        (refusal("55P03"), "was locked by another console", True),
        (refusal("40001", "serialize"), "refused: serialize", True),
        (refusal("XX000", "odd"), "refused: odd", False),
        (TimeoutError(), "does not answer in time", True),
        (ConnectionRefusedError(111, "Connection refused"), "cannot be reached", True),
        (socket.gaierror(socket.EAI_NONAME, "?"), "at a host that is not known", False),
        (socket.gaierror(socket.EAI_AGAIN, "?"), "cannot be reached", True),
        (ssl.SSLCertVerificationError(1, "self-signed"), "cannot be reached over TLS", False),
        (ConnectionError("PostgreSQL server rejected SSL upgrade"), "over TLS", False),
        (asyncpg.InterfaceError("connection is closed"), "cannot be reached", True),
        (asyncpg.ClientConfigurationError("bad"), "has an address that cannot be used", False),
    ],
)
def test_each_refusal_says_what_is_the_matter_and_whether_it_may_pass(
    error: Exception, said: str, passing: bool
) -> None:
    assert is_passing(error) is passing
    told = explain(error, "db1/team", "ada", used=False)
    assert told.what.startswith("the ledger db1/team ")
    assert said in told.what
    assert told.fix
    assert isinstance(told, LedgerUnreachableError) is passing


def test_of_a_ledger_that_was_in_use_everything_may_pass() -> None:
    told = explain(refusal("42501"), "db1/team", "ada", used=True)
    assert isinstance(told, LedgerUnreachableError)
    assert 'GRANT INSERT ON quarterdeck.event TO "ada"' in told.fix


def test_a_server_s_words_steer_no_terminal_and_fill_nothing_in() -> None:
    told = explain(refusal("XX000", "\x1b]0;t\x07{grants}\n\x1b[31mred"), "db/t", used=False)
    assert told.what == "the ledger db/t refused: {grants} red"

"""Secrets do not reach the screen; what is no secret stays readable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.execution.redaction import REDACTED, redact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer ••••"),
        ("authorization: basic dXNlcjpwdw==", "authorization: basic ••••"),
        ("curl -H 'X: Bearer abcdefgh12'", "curl -H 'X: Bearer ••••'"),
        ("postgres://ada:hunter2@db:5432/x", "postgres://ada:••••@db:5432/x"),
        ("redis://:hunter2@cache", "redis://:••••@cache"),
        ("DB_PASSWORD=hunter2 next", "DB_PASSWORD=•••• next"),
        ("ENCRYPTION_KEY='a b c'", "ENCRYPTION_KEY=••••"),
        ('{"api_token": "abc", "n": 1}', '{"api_token": ••••, "n": 1}'),
        ("REDISCLI_AUTH=hunter2", "REDISCLI_AUTH=••••"),
        ("client-secret: abc", "client-secret: ••••"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----••••-----END RSA PRIVATE KEY-----",
        ),
    ],
)
def test_what_looks_like_a_secret_is_taken_out(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        'REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli PING',
        "cache key=app.model hit",
        "basic health checks passed",
        "a bearer of news",
        "http://localhost:8080/health?x=a@b",
        "3 tokens: none",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


@given(
    secret=st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=4),
    before=st.text(),
    after=st.text(),
)
def test_a_known_secret_never_shows(secret: str, before: str, after: str) -> None:
    assert secret not in redact(before + secret + after, [secret]).replace(REDACTED, "\0")


def test_each_line_and_the_url_form_of_a_known_secret_is_taken_out() -> None:
    assert redact("x=p%40ss%2Fword line-two", ["p@ss/word\nline-two"]) == "x=•••• ••••"


def test_a_secret_too_short_to_mean_anything_does_not_blank_the_text() -> None:
    assert redact("a cat sat", ["a"]) == "a cat sat"


def test_one_word_of_a_megabyte_is_read_in_one_pass() -> None:
    word = "A" * 1_000_000
    assert redact(word) == word

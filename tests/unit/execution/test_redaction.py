"""Secrets do not reach the screen; what is no secret stays readable."""

import base64
import json
import os
import random
import shlex
import subprocess
import sys
import time
from itertools import pairwise
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_benchmark.fixture import BenchmarkFixture

from procedures.execution.secrets import redaction
from procedures.execution.secrets.redaction import (
    KEY_BOUND,
    OVERLAP,
    REDACTED,
    WINDOW,
    Redactor,
    redact,
)

KNOWN = ("hunter2hunter2", "p@ss w/'rd", "line one\nline two", 'cafe-é-"q"')

DIGEST = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

SHAPES = [
    ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "••••"),
    ("token github_pat_11ABCDEFG0abcdefghijklm_nopqrstuvwxyz end", "token •••• end"),
    ("glpat-abcdefghij0123456789", "••••"),
    ("xoxb-123456789012-abcdefghijkl", "••••"),
    ("AKIAIOSFODNN7EXAMPLE", "••••"),
    (
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "aws_secret_access_key = ••••",
    ),
    ("sk-proj-abcdefghijklmnopqrstuv", "••••"),
    ("sk-ant-api03-abcdefghijklmnopqrstuv", "••••"),
    ("hvs.CAESIabcdefghijklmnopqrstuvw", "••••"),
    ("s.abcdefghijklmnopqrstuvwx", "••••"),
    (
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
        "••••",
    ),
    ("npm_abcdefghijklmnopqrstuvwxyz0123456789", "••••"),
    ("AIzaSyA-abcdefghijklmnopqrstuvwxyz012", "••••"),
    (
        "https://hooks.slack.com/services/T000/B000/XXXXabcdef",
        "https://hooks.slack.com/services/••••",
    ),
    ("PGPASSWORD=hunter2 psql", "PGPASSWORD=•••• psql"),
    ("docker login --password hunter2 -u x", "docker login --password •••• -u x"),
    ("--password=hunter2", "--password=••••"),
    ("mysql -u root -phunter2 db", "mysql -u root -p•••• db"),
    ("sshpass -p hunter2 ssh x", "sshpass -p •••• ssh x"),
    ("curl -u user:hunter2 https://x", "curl -u •••• https://x"),
    ('curl -s --user "user:hunter 2" https://x', "curl -s --user •••• https://x"),
    ("localhost:5432:app:ada:hunter2", "localhost:5432:app:ada:••••"),
    (
        "machine example.com login ada password hunter2",
        "machine example.com login ada password ••••",
    ),
    (
        "    client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpNSUlFcEFJQkFBS0NBUUVB",
        "    client-key-data: ••••",
    ),
    ("    token: abc123def", "    token: ••••"),
    ("  DB_PASSWORD: aHVudGVyMg==", "  DB_PASSWORD: ••••"),
    ("Set-Cookie: session=abcdef; Path=/", "Set-Cookie: session=••••; Path=/"),
    ("Cookie: session=abcdef; theme=dark", "Cookie: ••••"),
    ('{"auths":{"x":{"auth":"dXNlcjpwYXNz"}}}', '{"auths":{"x":{"auth":••••}}}'),
    ('{\\"password\\":\\"hunter2\\",\\"n\\":1}', '{\\"password\\":••••,\\"n\\":1}'),
    ("KEY=3q2+7w8kJH2lmNOpQrStUvWxYz012345678=", "KEY=••••"),
    ('"args": ["--token", "hunter2"]', '"args": ["--token", ••••]'),
    ("MYSQL_PWD=hunter2", "MYSQL_PWD=••••"),
    ("requirepass hunter2", "requirepass ••••"),
    ("redis-cli -a hunter2 PING", "redis-cli -a •••• PING"),
    ("ALTER USER ada PASSWORD 'hunter2'", "ALTER USER ada PASSWORD ••••"),
    ("DB_PASSWORD=ab;cd}e,f", "DB_PASSWORD=••••"),
    ("password=$2y$10$abcdefgh", "password=••••"),
    ("X-Api-Key: abcdef123", "X-Api-Key: ••••"),
    ("Proxy-Authorization: token abcdefgh12", "Proxy-Authorization: token ••••"),
    ("dckr_pat_abcdefghijklmnopqrstuvw", "••••"),
    ("ASIAIOSFODNN7EXAMPLE", "••••"),
    ("sk_live_abcdefghijklmnop1234", "••••"),
    ("'client_secret' => 'hunter2'", "'client_secret' => ••••"),
    ("DB_PASS=hunter2", "DB_PASS=••••"),
    ("token='unclosed value", "token=••••"),
    (
        "git clone https://x-access-token:hunter2@github.com/org/repo",
        "git clone https://x-access-token:••••@github.com/org/repo",
    ),
    (
        "\x1b[33mDB_PASSWORD\x1b[0m=\x1b[32mhun\x1b[1mter2\x1b[0m",
        "\x1b[33mDB_PASSWORD\x1b[0m=\x1b[32m••••\x1b[0m",
    ),
    ('password: "a \\"quoted\\" word" next', "password: •••• next"),
    ("db.example.org:*:*:ada:hunter2", "db.example.org:*:*:ada:••••"),
    ("APP_KEY=0123456789abcdef0123456789abcdef", "APP_KEY=••••"),
    ("tls.key: LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JSUV2UUlCQURB", "tls.key: ••••"),
    ("Set-Cookie: sid=abc%2F12; HttpOnly", "Set-Cookie: sid=••••; HttpOnly"),
    ("AGE-SECRET-KEY-1QQPQYQ0RYZ8LFP5NS3V8YWX0QH7MX", "••••"),
]

HARMLESS = [
    f"sha256:{DIGEST}",
    f"image: docker.io/library/postgres:16@sha256:{DIGEST}",
    f"docker-pullable://postgres:16@sha256:{DIGEST}",
    "commit 82f4a7c0b1d2e3f4a5b6c7d8e9f00112233445566",
    "123e4567-e89b-12d3-a456-426614174000",
    "llm-config-manager-7d9f8b6c5d-x2x4z 1/1 Running",
    "token_count: 5",
    "max_tokens=4096",
    "key=app.model",
    "cache_key=app.model.settings.v2 hit",
    "3 tokens: none",
    "DB_PASSWORD_FILE=/run/secrets/db",
    "token: /var/run/secrets/kubernetes.io/serviceaccount/token",
    "secretName: llm-config-tls",
    "primary_key: id",
    "git@github.com:org/repo.git",
    "ssh ada@host:/tmp/x",
    "http://localhost:8080/health?x=a@b",
    "Password for ada:",
    "password: 16 bytes",
    'password authentication failed for user "ada"',
    "Warning: password changed",
    "desk-usage-monitoring-controller-main",
    "task-runner-abcdefghijklmnopqrstuvwxyz",
    "ls -a; docker run -p 8080:80 nginx",
    "curl -s http://localhost:8080/health",
    "2024-05-01T12:54:32:123 5432:",
    "requests.get configs.abcdefghijklmnopqrstuvwxyz",
    'etag: "33a64df551425fcc55e4d42a148795d9f25f89d4"',
    "secret/llm-config created",
    "Cookie policy: none",
    "--token-file /etc/x",
    "use --password to set it",
    "public key: ssh-ed25519",
    "tls: private key does not match",
    "${DB_PASSWORD} is set",
    "password=$DB_PASSWORD",
    "--from-literal=password=$(cat f)",
    "tls.crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUV2UUlCQURB",
    "Secret 'x' deleted",
    "passed: 12, failed: 0",
    "author: ada",
    "keyboard: us",
    "tokens=4096",
    "secretKeyRef: {name: x, key: y}",
    "eyJ is how they begin",
    "uid=1000(ada) gid=1000(ada)",
    "10.0.0.1:5432: connection refused",
    "level=info token_bucket=full",
    "curl -u $USER:$PASS http://x",
    "mysql -p -u root",
    "docker ps -a",
    "kubectl get pods -n prod -o wide",
    "curl --user-agent probe:1 http://x",
]

PIECES = [
    *(secret.encode() for secret in KNOWN), b"hunter2", b"DB_PASSWORD=", b"token: ", b"\n", b"\r",
    b" ", b"\x1b[31m", b"\x1b[0m", b"-----BEGIN RSA PRIVATE KEY-----", b"MIIEabcd\n", b"'", b'"',
    b"-----END RSA PRIVATE KEY-----", b"http://a:b", b"@host ", b"x" * 50, b"y" * 150, b"z" * 400,
    b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.abc", b"\xff\x00", b"Authorization: Basic ",
    b"ghp_abcdefghijklmnopqrstuvwxyz0123456789", base64.b64encode(b"x" + KNOWN[0].encode()),
]  # fmt: skip
STREAMS = st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join)


def streamed(*chunks: bytes, secrets: tuple[str, ...] = KNOWN, flushing: bool = False) -> bytes:
    redactor = Redactor(secrets)
    parts = []
    for chunk in chunks:
        parts.append(redactor.feed(chunk))
        if flushing:
            parts.append(redactor.flush())
    return b"".join([*parts, redactor.close()])


def cut(data: bytes, at: list[int]) -> list[bytes]:
    edges = [0, *sorted(min(position, len(data)) for position in at), len(data)]
    return [data[begin:end] for begin, end in pairwise(edges)]


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


@pytest.mark.parametrize(("text", "expected"), SHAPES)
def test_a_secret_of_known_shape_or_place_is_taken_out(text: str, expected: str) -> None:
    assert redact(text) == expected
    assert redact(f"before\r\n{text}\nafter") == f"before\r\n{expected}\nafter"
    assert redact(expected) == expected  # what was redacted once stays as it is


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_resembles_a_secret_stays_readable(text: str) -> None:
    assert redact(text) == text


SPELT = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=6).filter(
    lambda text: len(text.strip()) >= 6
)


@given(secret=SPELT.map(str.strip), before=st.integers(0, 5), after=st.integers(0, 5))
def test_every_spelling_of_a_known_secret_is_taken_out(
    secret: str, before: int, after: int
) -> None:
    raw = secret.encode()
    encoded = base64.b64encode(b"<" * before + raw + b">" * after)
    whole = base64.b64encode(raw).decode()
    spellings = [
        secret,
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(secret, ensure_ascii=False), ensure_ascii=False)[3:-3],
        json.dumps(json.dumps(secret))[3:-3],
        shlex.quote(f"{secret} ")[1:-2],
        secret.replace("'", "'\\''"),
        secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        whole,
        whole.rstrip("="),
        base64.urlsafe_b64encode(raw).decode(),
    ]
    for spelling in spellings:
        assert redact(f"({spelling})", [secret]) == f"({REDACTED})"
    # Of the secret within more, whole characters go; the bits that it shares with others may stay.
    shown = redact(encoded.decode(), [secret])
    assert shown.count(REDACTED) >= 1
    assert len(shown.replace(REDACTED, "")) <= (before + after) * 8 / 6 + 6


@given(data=STREAMS, at=st.lists(st.integers(0, 3000)))
def test_the_result_does_not_depend_on_how_the_stream_was_cut(data: bytes, at: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(redaction, "WINDOW", 300)
        patched.setattr(redaction, "OVERLAP", 150)
        patched.setattr(redaction, "KEY_BOUND", 200)
        whole = streamed(data)
        assert streamed(*cut(data, at)) == whole
        assert streamed(*(bytes([byte]) for byte in data)) == whole
    for secret in (KNOWN[0], KNOWN[1], "line two"):
        assert secret.encode() not in whole


@given(data=STREAMS, at=st.lists(st.integers(0, 3000)))
def test_no_known_secret_shows_although_what_is_unfinished_is_let_through(
    data: bytes, at: list[int]
) -> None:
    shown = streamed(*cut(data, at), flushing=True)
    assert KNOWN[0].encode() not in shown
    assert KNOWN[1].encode() not in shown


@given(text=st.text(st.characters(exclude_categories=[])), secrets=st.lists(SPELT, max_size=3))
def test_text_and_stream_agree(text: str, secrets: list[str]) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    expected = streamed(raw, secrets=tuple(secrets)).decode("utf-8", "surrogatepass")
    assert redact(text, secrets) == expected


NO_LETTERS = st.sampled_from([byte for byte in range(256) if not chr(byte).isalpha()])


@given(data=st.lists(NO_LETTERS, max_size=300).map(bytes))
def test_binary_output_passes_unharmed(data: bytes) -> None:
    quiet = data.replace(b"@", b"").replace(b":", b"")
    assert streamed(quiet) == quiet


def test_a_prompt_is_shown_but_not_the_beginning_of_a_secret() -> None:
    redactor = Redactor(KNOWN)
    assert redactor.feed(b"Password for ada: ") == b""
    assert redactor.flush() == b"Password for ada: "
    assert redactor.feed(b"\nhunter2") == b"\n"
    assert redactor.flush() == b""
    assert redactor.feed(b"hunt") + redactor.flush() == b""
    assert redactor.feed(b"er2 welcome\n").decode() == f"{REDACTED} welcome\n"


def test_a_name_that_was_let_through_still_tells_of_the_value_after_it() -> None:
    redactor = Redactor()
    parts = [redactor.feed(b"DB_PASS") + redactor.flush(), redactor.feed(b"WORD=hun")]
    parts += [redactor.flush(), redactor.feed(b"ter2 ok\n"), redactor.close()]
    assert b"".join(parts).decode() == f"DB_PASSWORD={REDACTED} ok\n"


@pytest.mark.parametrize("place", [-20, -9, -1, 0, OVERLAP - 5, OVERLAP])
def test_a_secret_across_the_bound_of_an_endless_line_is_found(place: int) -> None:
    for secret in (b"hunter2hunter2", b" DB_PASSWORD=not-known", b" ghp_" + b"a1" * 18):
        line = b"." * (WINDOW + place) + secret + b" " + b"." * 2 * WINDOW
        shown = streamed(*cut(line, list(range(0, len(line), 4096))))
        assert shown.count(REDACTED.encode()) == 1
        assert secret.split(b"=")[-1] not in shown
        assert shown.endswith(b"." * 2 * WINDOW)


def test_a_value_longer_than_all_bounds_is_taken_out_wholly() -> None:
    shown = streamed(b"token=" + b"a" * 5 * WINDOW + b" end\n")
    assert shown.decode() == f"token={REDACTED} end\n"


def test_a_line_that_does_not_end_is_not_held_for_ever() -> None:
    redactor = Redactor(KNOWN)
    held = 0
    for _ in range(100):
        held += 10_000 - len(redactor.feed(b"." * 10_000))
        assert held <= WINDOW + 2 * OVERLAP


def test_a_private_key_goes_across_lines_and_chunks_and_to_a_bound_if_it_never_ends() -> None:
    body = b"MIIEpAIBAAKCAQEA\n" * 20
    begin, end = b"-----BEGIN OPENSSH PRIVATE KEY-----", b"-----END OPENSSH PRIVATE KEY-----"
    whole = b"a\n" + begin + b"\n" + body + end + b"\nb\n"
    expected = b"a\n" + begin + REDACTED.encode() + end + b"\nb\n"
    for size in (1, 7, 64, 1000):
        assert streamed(*cut(whole, list(range(0, len(whole), size)))) == expected
    lines = b"MIIEpAIBAAKCAQEA\n" * (KEY_BOUND // 17 + 10)
    shown = streamed(begin + b"\n" + lines + b"after\n")
    assert shown.endswith(b"after\n")
    assert shown.count(b"MIIE") < 12
    assert streamed(begin + b"\nMIIE") == begin + REDACTED.encode()


def test_a_secret_that_colours_interrupt_is_found() -> None:
    text = "\x1b[1mhunter2\x1b[0mhunter2\x1b[K ok"
    assert redact(text, KNOWN) == f"\x1b[1m{REDACTED}\x1b[K ok"


def test_a_long_secret_in_base64_is_found_on_wrapped_lines() -> None:
    secret = "".join(random.Random(1).choices("abcdefghij0123456789", k=300))
    wrapped = base64.encodebytes(secret.encode()).decode()
    assert redact(wrapped, [secret]).replace(REDACTED, "").strip() == ""


@pytest.mark.parametrize(
    "piece",
    ["eyJ", "://:", "@", "curl -u ", "token=\"", "'token='", "-----BEGIN PRIVATE KEY", "key=",
     "--password ", "mysql -p", "a:5432:", "password", "cookie: a", "x-", "\x1b["],
)  # fmt: skip
def test_a_line_made_to_be_slow_is_read_in_time(piece: str) -> None:
    began = time.thread_time()
    redact(piece * (WINDOW // len(piece)), KNOWN)
    assert time.thread_time() - began < 20  # generous: what it must not be is quadratic


def test_it_is_quick_to_import_and_needs_only_the_standard_library() -> None:
    script = (
        "import sys; import procedures.execution.secrets.redaction;"
        "print([m for m in sys.modules if m.split('.')[0] not in sys.stdlib_module_names"
        " and not m.startswith(('procedures', '__'))])"
    )
    told = subprocess.run(
        [sys.executable, "-S", "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": "."},
    )
    assert told.stdout.strip() == "[]"


@pytest.mark.benchmark_only
@pytest.mark.parametrize("known", [0, 5])
def test_ordinary_output_is_redacted_fast(benchmark: BenchmarkFixture, known: int) -> None:
    rng = random.Random(1)
    words = ("the", "service", "started", "request", "latency", "worker", "opened", "database")
    lines = [
        f"2024-05-01T12:00:{n % 60:02}Z INFO server: {' '.join(rng.choices(words, k=9))}"
        f" id={rng.getrandbits(64):x}\n"
        for n in range(7000)
    ]
    data = "".join(lines).encode()
    secrets = [
        "s3cr3t-Value!9",
        "hunter2hunter2",
        "kJ8#fd9_Lq/zz==",
        "postgresAdmin2024",
        "a b c d",
    ]
    redactor = Redactor(secrets[:known])
    assert benchmark(redactor.feed, data) == data

"""Five hundred secrets, as commands print them: what must be found nowhere afterwards.

Each is either known to the console (a secret input, a secret of the settings), in one of the
spellings that programs write it in, or has a look or a name before it that gives it away. A
secret that can be neither known nor told by anything around it, a random word in a log line that
nobody declared, is not in the corpus: no program can tell it from any other word.
"""

import base64
import json
import random
import shlex
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

COUNT = 500
_SEED = 20_261_124
_PUNCTUATION = "!#%*+,/:;=?@^_~&<>\"'$\\ "


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One secret on its way out.

    Attributes:
        kind: What it is, for the message of a test.
        printed: The line that a command prints; one with line breaks for a private key.
        telling: What must appear nowhere.
        declared: The value that the console knows; empty if it must find out by itself.
    """

    kind: str
    printed: str
    telling: str
    declared: str = ""


def corpus() -> tuple[Sample, ...]:
    """Return the same COUNT secrets each time."""
    rng = random.Random(_SEED)
    samples: list[Sample] = []
    while len(samples) < COUNT:
        samples += _declared(rng)
        samples += _recognised(rng)
    return tuple(samples[:COUNT])


def declared(samples: tuple[Sample, ...]) -> tuple[str, ...]:
    """Return the values that the console knows."""
    return tuple(dict.fromkeys(sample.declared for sample in samples if sample.declared))


def leaks(samples: tuple[Sample, ...], found: bytes | str) -> list[str]:
    """Return a line for each secret that is in ``found``, even if that breaks lines within it.

    It takes files and exports as they are, and the text of a screen.
    """
    data = found.encode() if isinstance(found, str) else found
    unbroken = b"".join(data.split())
    return [
        f"{sample.kind}: {sample.telling!r}"
        for sample in samples
        if sample.telling.encode() in data or "".join(sample.telling.split()).encode() in unbroken
    ]


def _word(rng: random.Random, length: int, alphabet: str = "") -> str:
    return "".join(rng.choices(alphabet or string.ascii_letters + string.digits, k=length))


def _declared(rng: random.Random) -> Iterator[Sample]:
    """Yield one value that the console knows, in all its spellings."""
    value = _word(rng, 8) + _word(rng, 3, _PUNCTUATION).strip() + _word(rng, 5) + rng.choice("éß漢")
    raw = value.encode()
    spellings: dict[str, str] = {
        "raw": value,
        "quote": quote(value, safe=""),
        "quote, path": quote(value),
        "quote_plus": quote_plus(value),
        "JSON, ASCII": json.dumps(value)[1:-1],
        "JSON": json.dumps(value, ensure_ascii=False)[1:-1],
        "shell": shlex.quote(f"{value} ")[1:-2],
        "XML": escape(value),
        "HTML": escape(value, {'"': "&#34;", "'": "&#39;"}),
    }
    for kind, text in spellings.items():
        where = rng.choice(["{}", "started with {} as told", "x='{}'", "[{}]"])
        yield Sample(kind=kind, printed=where.format(text), telling=text, declared=value)
    for before in range(3):
        encoded = base64.b64encode(b"u:x"[:before] + raw).decode()
        first = -(-8 * before // 6)
        inner = encoded[first : 8 * (before + len(raw)) // 6]
        yield Sample(
            kind=f"base64, {before} before", printed=f"> {encoded}", telling=inner, declared=value
        )
        safe = inner.translate(str.maketrans("+/", "-_"))
        printed = encoded.translate(str.maketrans("+/", "-_")).rstrip("=")
        yield Sample(
            kind=f"base64url, {before} before", printed=printed, telling=safe, declared=value
        )
    colour = f"{value[:6]}\x1b[1;31m{value[6:]}\x1b[0m"
    yield Sample(kind="coloured", printed=colour, telling=value, declared=value)


_Shape = Callable[[random.Random], str]
_UPPER = string.ascii_uppercase + string.digits
_HEX = "0123456789abcdef"
_FORMS: tuple[tuple[str, str, _Shape], ...] = (
    ("GitHub", "remote: {}", lambda rng: f"gh{rng.choice('pousr')}_{_word(rng, 36)}"),
    ("GitHub, fine", "{} x", lambda rng: f"github_pat_{_word(rng, 22)}_{_word(rng, 59)}"),
    ("GitLab", "using {}", lambda rng: f"glpat-{_word(rng, 20)}"),
    ("Slack", "as {}", lambda rng: f"xox{rng.choice('abpr')}-{_word(rng, 12)}-{_word(rng, 24)}"),
    ("AWS id", "key {}", lambda rng: rng.choice(["AKIA", "ASIA"]) + _word(rng, 16, _UPPER)),
    ("AWS", "aws_secret_access_key = {}", lambda rng: _word(rng, 40)),
    ("OpenAI", "with {}", lambda rng: f"sk-proj-{_word(rng, 40)}"),
    ("Anthropic", "with {}", lambda rng: f"sk-ant-api03-{_word(rng, 60)}"),
    ("Vault", "token_id {}", lambda rng: f"hvs.{_word(rng, 90)}"),
    ("Vault, old", "got {}", lambda rng: f"s.{_word(rng, 24)}"),
    ("npm", "//registry {}", lambda rng: f"npm_{_word(rng, 36)}"),
    ("Google", "maps {} ok", lambda rng: f"AIza{_word(rng, 35)}"),
    ("webhook", "post https://hooks.slack.com/services/{}", lambda rng: _word(rng, 24)),
    ("JWT", "jwt {}", lambda rng: f"eyJ{_word(rng, 20)}.eyJ{_word(rng, 40)}.{_word(rng, 43)}"),
    ("bearer", "> Authorization: Bearer {}", lambda rng: _word(rng, 32)),
    ("basic", "authorization: Basic {}", lambda rng: _word(rng, 24)),
    ("URL", "postgres://ada:{}@db:5432/app", lambda rng: _word(rng, 12)),
    ("environment", "DB_PASSWORD={}", lambda rng: _word(rng, 12)),
    ("PGPASSWORD", "+ PGPASSWORD={} psql -h db", lambda rng: _word(rng, 12)),
    ("YAML", "  api_key: {}", lambda rng: _word(rng, 12)),
    ("JSON value", '{{"level":"info","token":"{}","n":1}}', lambda rng: _word(rng, 12)),
    ("JSON in JSON", '{{"m":"{{\\"password\\":\\"{}\\"}}"}}', lambda rng: _word(rng, 12)),
    ("option", "tool --password {} --more", lambda rng: _word(rng, 12)),
    ("option=", "tool --auth-token={} --more", lambda rng: _word(rng, 12)),
    ("mysql", "+ mysql -u root -p{} app", lambda rng: _word(rng, 12)),
    ("sshpass", "+ sshpass -p {} ssh db1", lambda rng: _word(rng, 12)),
    ("curl", "+ curl -s -u ada:{} https://x", lambda rng: _word(rng, 12)),
    (".pgpass", "db1:5432:app:ada:{}", lambda rng: _word(rng, 12)),
    ("netrc", "machine db1 login ada password {}", lambda rng: _word(rng, 12)),
    ("kubeconfig", "    client-key-data: {}", lambda rng: _word(rng, 60)),
    ("Secret", "  DB_PASSWORD: {}==", lambda rng: _word(rng, 22)),
    ("cookie", "< Set-Cookie: session={}; Path=/", lambda rng: _word(rng, 32)),
    ("base64 key", "KEY={}=", lambda rng: f"aB3{_word(rng, 40)}"),
    ("hexadecimal key", "ENCRYPTION_KEY={}", lambda rng: _word(rng, 64, _HEX)),
    ("private key", "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
     lambda rng: f"MII{_word(rng, 60)}\n{_word(rng, 40)}"),
)  # fmt: skip


def _recognised(rng: random.Random) -> Iterator[Sample]:
    """Yield one of each that is known by its look or its name."""
    for kind, printed, shape in _FORMS:
        telling = shape(rng)
        yield Sample(kind=kind, printed=printed.format(telling), telling=telling)

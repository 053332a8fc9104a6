"""Secrets taken out of text and output before they reach the screen, a file or a report.

It depends on nothing outside the standard library and is quick to import: the supervisor of a
command, which outlives the console, uses it too.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator

from procedures.execution.secrets.names import Span
from procedures.execution.secrets.shapes import may_be_begun, secret_spans
from procedures.execution.secrets.spellings import known_secrets

REDACTED = "••••"

WINDOW = 64 * 1024
"""Bytes of an unfinished line that are released at once when it does not end."""

OVERLAP = 8 * 1024
"""Bytes before and after such a release that are searched with it; the longest secret if more."""

KEY_BOUND = 16 * 1024
"""Bytes after the beginning of a private key that are taken out if its end never comes."""

_REDACTED = REDACTED.encode()
_KEY_WORDS = b"PRIVATE KEY"
_KEY_BEGIN = re.compile(rb"-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}")
_KEY_END = re.compile(rb"-{4,5} ?END [A-Z0-9 ]{0,40}PRIVATE KEY")
_KEY_MAY_BEGIN = re.compile(rb"-+[A-Z0-9 ]{0,60}-*\Z")
_LAST_WORD = re.compile(rb"[\w.+/=~-]+\Z")
_GOES_ON = re.compile(rb"[^\s\"',;&}<>]*")
_ESCAPE_SEQUENCE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\r\n]*(?:\x07|\x1b\\)|[ -/]*[0-Z\\^-~])"
)


class Redactor:
    """Redacts a stream of bytes; however it is cut into chunks, the result is the same.

    It holds an unfinished line back, for half a secret is not recognised as one; of a line that
    does not end, no more than WINDOW and twice OVERLAP. What is no secret passes unchanged,
    whether it is text or not.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known = known_secrets(secrets)
        longest = max((len(s) for known in self._known for s in known.spellings), default=0)
        self._overlap = max(OVERLAP, longest)
        self._reset()

    def _reset(self) -> None:
        self._held = bytearray()
        """The unfinished line, after so much of what is released of it as it is read with."""
        self._released = 0
        """Bytes of ``_held`` that are released."""
        self._inside = False
        """The last byte that was released is part of a secret, which is marked already."""
        self._carried = 0
        """Bytes of that secret which follow, as far as they were seen."""
        self._goes_on = False
        """It may go on after these."""
        self._key_left = 0
        """Bytes within which the end of a private key is still expected."""

    def feed(self, chunk: bytes) -> bytes:
        """Return what can be released once ``chunk`` is known."""
        if len(chunk) <= WINDOW:
            return self._feed(chunk)
        parts = (chunk[start : start + WINDOW] for start in range(0, len(chunk), WINDOW))
        return b"".join(map(self._feed, parts))

    def flush(self) -> bytes:
        """Return what is held back, such as a prompt, but for what a secret may begin with.

        To be called when a command has been silent for a moment. What follows is still read
        together with it, up to OVERLAP bytes.
        """
        seen = len(self._held)
        return self._release(seen, max(self._released, self._secret_may_begin()))

    def close(self) -> bytes:
        """Return the rest; the stream has ended, and another may begin."""
        rest = self._release(len(self._held), len(self._held))
        self._reset()
        return rest

    def _feed(self, chunk: bytes) -> bytes:
        """Take in ``chunk``, of no more than WINDOW bytes: only its first line can be long."""
        held = self._held
        held += chunk
        first, last = _line_ends(chunk)
        after_first, after_last = len(chunk) - first if first else 0, len(chunk) - last
        released = []
        while len(held) - after_first - self._released > WINDOW + self._overlap:
            end = self._released + WINDOW
            released.append(self._release(end + self._overlap, end))
        if last:
            end = len(held) - after_last
            released.append(self._release(end, end))
        return b"".join(released)

    def _release(self, seen: int, end: int) -> bytes:
        """Return what is held up to ``end``, redacted by what ``seen`` bytes of it tell."""
        text, start = bytes(self._held[:seen]), self._released
        line_ended = text[end - 1 : end] in (b"\n", b"\r")
        spans = [*self._spans(text), *self._carried_over(text)]
        reach = max((b for a, b in spans if a < end <= b), default=0)
        self._carried = max(0, reach - end)
        self._goes_on = reach == seen and not line_ended and reach > 0
        spans += self._key_spans(text, start, end)
        redacted = self._write(text, start, end, spans) if spans else text[start:end]
        if end > start and not spans:
            self._inside = False
        context = 0 if line_ended else min(end, self._overlap)
        del self._held[: end - context]
        self._released = context
        return redacted

    def _write(self, text: bytes, start: int, end: int, spans: list[Span]) -> bytes:
        """Return ``text`` between ``start`` and ``end`` with one mark for each secret."""
        if start == end:
            return b""
        parts: list[bytes] = []
        position, reach = start, 0
        for a, b in _merged(spans):
            if b <= start:
                continue
            if a >= end:
                break
            parts.append(text[position:a])
            if a > start or not self._inside:
                parts.append(_REDACTED)
            position, reach = min(b, end), b
        parts.append(text[position:end])
        self._inside = reach >= end
        return b"".join(parts)

    def _spans(self, text: bytes) -> Iterator[Span]:
        """Yield where secrets are in ``text``, even those that escape sequences interrupt."""
        yield from self._plain_spans(text)
        if b"\x1b" in text:
            plain, raw_position = _without_escapes(text)
            for a, b in self._plain_spans(plain):
                yield raw_position(a), raw_position(b - 1) + 1

    def _plain_spans(self, text: bytes) -> Iterator[Span]:
        for known in self._known:
            if any(anchor in text for anchor in known.anchors):
                for spelling in known.spellings:
                    yield from _occurrences(spelling, text)
        yield from secret_spans(text)

    def _carried_over(self, text: bytes) -> Iterator[Span]:
        """Yield the rest of a secret that began before what is still held."""
        end = self._released + self._carried
        if self._goes_on and (match := _GOES_ON.match(text, end)):
            end = match.end()
        if end > self._released:
            yield self._released, end

    def _key_spans(self, text: bytes, start: int, end: int) -> Iterator[Span]:
        """Yield private keys, which are of many lines, and note if one is open at ``end``."""
        position = start
        while position < end and (self._key_left or _KEY_WORDS in text):
            if not self._key_left:
                begin = _KEY_BEGIN.search(text, position)
                if begin is None or begin.start() >= end:
                    return
                position, self._key_left = begin.end(), KEY_BOUND
            match = _KEY_END.search(text, position, position + self._key_left)
            stop = match.start() if match else min(len(text), position + self._key_left)
            yield position, stop
            if stop >= end:
                self._key_left -= max(0, end - position)
                if match and stop == end:
                    self._key_left = 0
                return
            position, self._key_left = stop, 0

    def _secret_may_begin(self) -> int:
        """Return where at the end of what is held a secret may have begun; else its length."""
        text = bytes(self._held)
        begin = len(text)
        if match := _KEY_MAY_BEGIN.search(text):
            begin = match.start()
        if (match := _LAST_WORD.search(text)) and may_be_begun(match[0]):
            begin = min(begin, match.start())
        for known in self._known:
            for spelling in known.spellings:
                begin = min(begin, len(text) - _begun(spelling, text))
        return begin


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return ``text`` without the values of ``secrets`` and without what looks like a secret.

    Known by its looks: tokens of well known services, bearer and basic credentials, passwords
    within URLs, private keys, and values of names such as ``DB_PASSWORD``, ``api_key`` or
    ``"token"``. A reference to a variable (``$DB_PASSWORD``) is no secret and stays.
    """
    redactor = Redactor(secrets)
    redacted = redactor.feed(text.encode("utf-8", "surrogatepass")) + redactor.close()
    try:
        return redacted.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:  # a private key without an end was cut within a character
        return redacted.decode("utf-8", "replace")


def _line_ends(chunk: bytes) -> tuple[int, int]:
    """Return the positions after the first and the last line end; 0 if there is none."""
    ends = [end for end in (chunk.find(b"\n"), chunk.find(b"\r")) if end >= 0]
    return min(ends, default=-1) + 1, max(chunk.rfind(b"\n"), chunk.rfind(b"\r")) + 1


def _occurrences(word: bytes, text: bytes) -> Iterator[Span]:
    position = text.find(word)
    while position >= 0:
        yield position, position + len(word)
        position = text.find(word, position + 1)


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield ``spans`` in order, those that touch as one."""
    begin, end = -1, -1
    for a, b in sorted(spans):
        if a > end:
            if end >= 0:
                yield begin, end
            begin, end = a, b
        else:
            end = max(end, b)
    if end >= 0:
        yield begin, end


def _begun(secret: bytes, text: bytes) -> int:
    """Return how many bytes of ``secret``, but not all, ``text`` ends with."""
    longest = min(len(secret) - 1, len(text))
    return next((n for n in range(longest, 0, -1) if text.endswith(secret[:n])), 0)


def _without_escapes(text: bytes) -> tuple[bytes, Callable[[int], int]]:
    """Return ``text`` without escape sequences, and from where in it a position came."""
    parts: list[bytes] = []
    plain_starts: list[int] = []
    raw_starts: list[int] = []
    position = length = 0
    for begin, end in [
        *(match.span() for match in _ESCAPE_SEQUENCE.finditer(text)),
        (len(text), len(text)),
    ]:
        parts.append(text[position:begin])
        plain_starts.append(length)
        raw_starts.append(position)
        length += begin - position
        position = end

    def raw_position(plain: int) -> int:
        part = bisect_right(plain_starts, plain) - 1
        return raw_starts[part] + plain - plain_starts[part]

    return b"".join(parts), raw_position

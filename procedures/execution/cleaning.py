"""Output of commands, labels and annotations made harmless: nothing in them can steer a terminal.

Source: the escape sequence grammar of ECMA-48, the bidirectional controls of Unicode TR9, and the
characters without a shape of their own in its chapter 23.
"""

import codecs
import re
import unicodedata
from enum import Enum, auto

_PLAIN = re.compile("[^\x1b\x90\x98\x9b\x9d\x9e\x9f]*")
_PARAMETERS = re.compile("[ -?]*")
_STRING_CONTENT = re.compile("[^\x07\x1b\x9c\r\n]*")
_LINE_END = re.compile("\r+\n?")
_STRING_LETTERS = frozenset("]PX^_")
_STRING_CONTROLS = frozenset("\x90\x98\x9d\x9e\x9f")
_MARK = "\N{REPLACEMENT CHARACTER}"
_DIRECTIONAL = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_INVISIBLE = (0x115F, 0x1160, 0x180E, 0x200B, *range(0x2060, 0x2066), *range(0x206A, 0x2070),
              0x3164, 0xFFA0, *range(0xFFF9, 0xFFFC), *range(0x1BCA0, 0x1BCA4),
              *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE0080))  # fmt: skip
_SHAPING = (0xAD, 0x200C, 0x200D, 0xFEFF)
"""Soft hyphen, joiners and byte order mark: without them the text looks the same, or nearly."""

MOST_MARKS = 6
"""Combining marks and variation selectors on one character; no script needs more."""

_HARMLESS: dict[int, str | None] = {
    **dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), None),
    **dict.fromkeys(_SHAPING, None),
    **dict.fromkeys((*_DIRECTIONAL, *_INVISIBLE, *range(0xD800, 0xE000)), _MARK),
    **dict.fromkeys((0x2028, 0x2029), "\n"),
    ord("\n"): "\n",
    ord("\t"): "\t",
}


class _State(Enum):
    TEXT = auto()
    ESCAPE = auto()
    CONTROL = auto()
    STRING = auto()


class Cleaner:
    """Cleans a stream of bytes; however it is cut into chunks, the text is the same.

    Escape sequences and control characters go, but for newline and tab; a carriage return
    becomes a newline, so that each state of a progress bar is a line of its own; characters
    that turn the direction of text, or that nobody sees, become visible marks; of the marks
    heaped on one character MOST_MARKS stay. A control string that is never
    terminated ends with its line: it cannot hide the output after it.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._state = _State.TEXT
        self._return_pending = False
        self._marks = 0
        """How many combining marks the text ends with so far."""

    def feed(self, chunk: bytes) -> str:
        """Return the clean text of ``chunk``, which may end anywhere, even within a character."""
        return self.feed_text(self._decoder.decode(chunk))

    def feed_text(self, text: str) -> str:
        """Return the clean form of ``text``, which is decoded already."""
        kept: list[str] = []
        position = 0
        while position < len(text):
            position = self._advance(text, position, kept)
        plain = self._plain_lines("".join(kept))
        return self._bounded(plain.translate(_HARMLESS))

    def close(self) -> str:
        """Return what was held back for want of a next byte."""
        rest = self.feed_text(self._decoder.decode(b"", final=True))
        if self._return_pending:
            self._return_pending = False
            rest += "\n"
        return rest

    def _advance(self, text: str, position: int, kept: list[str]) -> int:
        if self._state is _State.TEXT:
            return self._take_plain(text, position, kept)
        if self._state is _State.ESCAPE:
            return self._take_escape(text, position)
        pattern = _PARAMETERS if self._state is _State.CONTROL else _STRING_CONTENT
        end = _skip(pattern, text, position)
        return self._end_sequence(text, end) if end < len(text) else end

    def _take_plain(self, text: str, position: int, kept: list[str]) -> int:
        end = _skip(_PLAIN, text, position)
        kept.append(text[position:end])
        if end == len(text):
            return end
        if text[end] == "\x1b":
            self._state = _State.ESCAPE
        else:
            self._state = _State.STRING if text[end] in _STRING_CONTROLS else _State.CONTROL
        return end + 1

    def _take_escape(self, text: str, position: int) -> int:
        letter = text[position]
        if letter == "[":
            self._state = _State.CONTROL
        elif letter in _STRING_LETTERS:
            self._state = _State.STRING
        elif " " <= letter <= "/":
            return position + 1  # an intermediate byte: the final one is still to come
        elif letter < " " or letter > "~":
            self._state = _State.TEXT  # not part of any sequence: keep it
            return position
        else:
            self._state = _State.TEXT
        return position + 1

    def _end_sequence(self, text: str, end: int) -> int:
        last = text[end]
        if self._state is _State.STRING and last == "\x1b":
            self._state = _State.ESCAPE
            return end + 1
        closes = last in "\x07\x9c" if self._state is _State.STRING else "@" <= last <= "~"
        self._state = _State.TEXT
        return end + 1 if closes else end

    def _bounded(self, text: str) -> str:
        """Return ``text`` without marks above the bound, counting on from the text before it."""
        if text.isascii():
            self._marks = 0 if text else self._marks
            return text
        kept: list[str] = []
        for character in text:
            is_mark = character > "\u02ff" and unicodedata.category(character) in ("Mn", "Me")
            self._marks = self._marks + 1 if is_mark else 0
            if self._marks <= MOST_MARKS:
                kept.append(character)
        return "".join(kept)

    def _plain_lines(self, text: str) -> str:
        if not text:
            return text
        if self._return_pending:
            text = "\r" + text
        self._return_pending = text.endswith("\r")
        return _LINE_END.sub("\n", text.rstrip("\r") if self._return_pending else text)


def clean_text(text: str) -> str:
    """Return ``text``, all of it at once, clean."""
    cleaner = Cleaner()
    return cleaner.feed_text(text) + cleaner.close()


def clean_line(text: str, *, limit: int = 200) -> str:
    """Return ``text`` clean and on one line of at most ``limit`` characters.

    Newlines show as ``⏎``; what is cut off shows as ``…``.
    """
    # Labels of 100 kB exist; there is no need to clean what is cut off anyway.
    bound = 16 * limit
    cleaner = Cleaner()
    clean = cleaner.feed_text(text[:bound]) + cleaner.close()
    line = clean.rstrip("\n").replace("\n", "⏎").replace("\t", " ")
    if len(line) <= limit and len(text) <= bound:
        return line
    return line[: limit - 1] + "…"


def _skip(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position

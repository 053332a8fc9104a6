"""Bytes for a terminal, taken apart: text, controls and sequences, however they are cut.

Source: the parser of DEC terminals as Paul Williams drew it (vt100.net/emu/dec_ansi_parser), with
UTF-8 in front. Control strings (OSC, DCS, APC, PM, SOS) are swallowed whole: titles, clipboards
and pictures are none of the console's business.
"""

import codecs
import re
from enum import Enum, auto
from typing import Protocol

_TEXT = re.compile("[^\x00-\x1f\x7f-\x9f]+")
_STRING_CONTENT = re.compile("[^\x07\x18\x1a\x1b\x9c]+")
_STRING_LETTERS = frozenset("]PX^_")
_MOST_PARAMETERS = 32
_LARGEST_PARAMETER = 9999
_LONGEST_SEQUENCE = 256


class Actions(Protocol):
    """What a terminal does."""

    def text(self, text: str) -> None:
        """Show characters, none of which is a control."""

    def control(self, code: str) -> None:
        """Do what a C0 control says."""

    def escape(self, intermediates: str, final: str) -> None:
        """Do what an escape sequence without parameters says."""

    def sequence(self, mark: str, parameters: list[int], intermediates: str, final: str) -> None:
        """Do what a control sequence says; ``mark`` is one of ``<=>?`` or empty.

        A parameter that is missing is 0; there is at least one.
        """


class _State(Enum):
    GROUND = auto()
    ESCAPE = auto()
    SEQUENCE = auto()
    STRING = auto()


class Parser:
    """Takes a stream apart and tells ``actions``; what makes no sense is skipped."""

    def __init__(self, actions: Actions) -> None:
        self._actions = actions
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._state = _State.GROUND
        self._collected = ""

    def feed(self, data: bytes) -> None:
        """Go on with ``data``, which may begin and end anywhere."""
        text = self._decoder.decode(data)
        position = 0
        while position < len(text):
            if self._state is _State.GROUND and (run := _TEXT.match(text, position)):
                self._actions.text(run[0])
                position = run.end()
            elif self._state is _State.STRING and (run := _STRING_CONTENT.match(text, position)):
                position = run.end()
            else:
                self._take(text[position])
                position += 1

    def _take(self, character: str) -> None:
        if character == "\x1b":
            self._state, self._collected = _State.ESCAPE, ""
        elif character in "\x18\x1a":
            self._state = _State.GROUND
        elif self._state is _State.STRING:
            if character in "\x07\x9c":
                self._state = _State.GROUND
        elif character < " ":
            self._actions.control(character)
        elif character >= "\x7f":
            # In an escape sequence there is nothing but ASCII: the sequence was none.
            if self._state is not _State.GROUND and character > "\x9f":
                self._state = _State.GROUND
                self._actions.text(character)
        elif self._state is _State.ESCAPE:
            self._take_escape(character)
        elif self._state is _State.SEQUENCE:
            self._take_sequence(character)

    def _take_escape(self, character: str) -> None:
        if character <= "/":
            self._collected = (self._collected + character)[:_LONGEST_SEQUENCE]
        elif self._collected:
            self._state = _State.GROUND
            self._actions.escape(self._collected, character)
        elif character == "[":
            self._state = _State.SEQUENCE
        elif character in _STRING_LETTERS:
            self._state = _State.STRING
        else:
            self._state = _State.GROUND
            self._actions.escape("", character)

    def _take_sequence(self, character: str) -> None:
        if character < "@":
            self._collected = (self._collected + character)[:_LONGEST_SEQUENCE]
            return
        self._state = _State.GROUND
        body = self._collected.rstrip(" !\"#$%&'()*+,-./")
        intermediates = self._collected[len(body) :]
        mark = body[:1] if body[:1] in ("<", "=", ">", "?") else ""
        words = body[len(mark) :].replace(":", ";").split(";")[:_MOST_PARAMETERS]
        if all(word.isdigit() or not word for word in words):
            parameters = [min(int(word[:6] or 0), _LARGEST_PARAMETER) for word in words]
            self._actions.sequence(mark, parameters, intermediates, character)

"""The words of a command as the shell would see them, as far as can be told without running it."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import PurePosixPath

HOLE = "\0"
"""Stands in a word's text for an expansion, whose value is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word of a command.

    Attributes:
        text: Without quotes; each expansion is a HOLE.
        loose: An unquoted expansion: it may become any number of words, options among them.
    """

    text: str
    loose: bool = False

    @property
    def fixed(self) -> bool:
        """Whether the whole text is known."""
        return HOLE not in self.text


Words = Sequence[Word]


def option_set(names: str) -> frozenset[str]:
    """Return the options that ``names`` lists between spaces."""
    return frozenset(names.split())


_BINARIES = {"", "/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin", "/usr/local/sbin"}


def command_name(word: Word) -> str:
    """Return the name without its directory, as written when that is not a system one."""
    directory, _, name = word.text.rpartition("/")
    return name if directory in _BINARIES and name else word.text


def base_name(word: Word) -> str:
    """Return the last part of a path."""
    return PurePosixPath(word.text).name


def is_option(word: Word) -> bool:
    """Tell whether a word is an option; a lone dash is an operand."""
    return word.text.startswith("-") and word.text != "-"


def has(words: Words, *options: str, letters: str = "") -> bool:
    """Tell whether an option is given: long ones in full or shortened, short ones in a cluster."""
    for word in words:
        text = word.text
        if any(_means(text, option) for option in options):
            return True
        if text[:1] == "-" and text[1:2] not in ("-", "") and set(letters) & set(text[1:]):
            return True
    return False


def _means(text: str, option: str) -> bool:
    """Tell whether ``text`` is a long option; tools let it be shortened."""
    name = text.partition("=")[0]
    return name == option or (len(name) > 2 and name[:2] == "--" and option.startswith(name))


def values(words: Words, *options: str) -> Iterator[Word]:
    """Yield every value of an option: ``--o v``, ``--o=v``, ``-o v`` and ``-ov``."""
    for position, word in enumerate(words):
        for option in options:
            if _means(word.text, option) and "=" not in word.text:
                yield words[position + 1] if position + 1 < len(words) else Word(text="")
            elif _means(word.text, option):
                yield Word(text=word.text.partition("=")[2])
            elif len(option) == 2 and word.text.startswith(option):
                yield Word(text=word.text[2:].removeprefix("="))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What follows the options of a command; ``doubt`` is an option of unknown arity."""

    words: Words
    doubt: str = ""


def after_options(words: Words, *, with_value: Set[str], flags: Set[str] = frozenset()) -> Rest:
    """Skip leading options, so that the first word left is the verb or the carried command.

    Args:
        words: The arguments, without the command's name.
        with_value: Options with a value: the next word, or joined (``-nX``, ``--n=X``).
        flags: Options without a value.
    """
    position = 0
    while position < len(words) and is_option(words[position]):
        text = words[position].text
        if text == "--":
            return Rest(words=words[position + 1 :])
        if text in with_value:
            position += 2
        elif text in flags or _is_joined(text, with_value, flags):
            position += 1
        else:
            return Rest(words=words[position:], doubt=text.replace(HOLE, "…"))
    return Rest(words=words[position:])


def _is_joined(text: str, with_value: Set[str], flags: Set[str]) -> bool:
    """Tell whether an option carries its value itself, or is a cluster of known flags."""
    name, joined, _ = text.partition("=")
    if text.startswith("--") or (joined and len(name) > 2 and name in with_value | flags):
        return name in with_value | flags and bool(joined)
    if text[:2] in with_value:
        return True
    return text[1:].isdecimal() or all(f"-{letter}" in flags for letter in text[1:])


def operands(words: Words, *, with_value: Set[str]) -> list[Word]:
    """Return the words that are neither options nor the values of ``with_value``."""
    found: list[Word] = []
    skip = False
    for position, word in enumerate(words):
        if skip:
            skip = False
        elif word.text == "--":
            return found + list(words[position + 1 :])
        elif is_option(word):
            skip = word.text in with_value
        else:
            found.append(word)
    return found

"""Steps in the making: pieces of one section, put together around what is to be done."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from procedures.environment import Method
from procedures.reference.levels import Level
from procedures.runbook.foreign import marked
from procedures.runbook.foreign.actions import Action, ActionReader
from procedures.runbook.foreign.notes import Notes
from procedures.runbook.foreign.openings import read_opening
from procedures.runbook.foreign.pieces import Kind, Piece, shown_fence
from procedures.runbook.model import Command, Item, Notice

EXPECTED = re.compile(
    r"\W*expect(?:ed)?(?:\s+to\s+see)?(?:\s+the)?(?:\s+following)?\s+"
    r"(?:output|result|response|answer)s?\b"
    r"|\W*expected\W*\Z"
    r"|(?:.*[.!?]\s)?[^.!?]{0,80}\bexpected\s+(?:output|result|response)s?\b[^.!?]{0,80}:\W*\Z",
    re.IGNORECASE | re.DOTALL,
)
"""Text that says of what follows that it is what a command must print."""

_AFTERWARDS = re.compile(
    r"\W*(?:expect|you (?:should|will)|this (?:should|shows?|prints?|returns?|will)|"
    r"(?:the |sample |example )?output|it should|look for|result|should )",
    re.IGNORECASE,
)
_OTHERWISE = re.compile(r"\W*(?:or|alternatively)\b", re.IGNORECASE)
_METHOD_WORD = re.compile(
    r"\b(?:docker|compose|kubernetes|k8s|kubectl|systemd|systemctl|bare[ -]metal)\b", re.IGNORECASE
)
_LABEL_LENGTH = 80
_LONGEST_LABEL = 24

BY_HAND = "Run by hand what is shown, or leave it out"
"""The item of a step whose command the console does not run."""

_TOOL = re.compile(r"\s*(?:sudo +)?(?:kubectl|docker|docker-compose|systemctl|curl|helm|psql)\s")


@dataclass(slots=True, kw_only=True)
class Draft:
    """A step in the making.

    Attributes:
        lead: The words of the list's item that it is; kept as prose where no title holds them.
        hint: What may be its title.
    """

    line: int
    lead: str = ""
    hint: str = ""
    prose: list[str] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    expect: tuple[str, ...] = ()
    items: list[Item] = field(default_factory=list)

    @property
    def acts(self) -> bool:
        """Whether there is something to run or to tick."""
        return bool(self.commands or self.items)

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing at all."""
        return not (self.acts or self.prose or self.notices or self.lead)


class DraftReader:
    """Puts the pieces of one section together."""

    def __init__(self, line: int, actions: ActionReader, notes: Notes) -> None:
        self._actions = actions
        self._notes = notes
        self._drafts: list[Draft] = []
        self._draft = Draft(line=line)
        self._pending: list[Piece] = []

    def read(self, pieces: Sequence[Piece]) -> list[Draft]:
        """Return the drafts of ``pieces``; one that only speaks is the first and last one."""
        for piece in pieces:
            match piece.kind:
                case Kind.TEXT | Kind.NOTICE:
                    self._pending.append(piece)
                case Kind.HEADING:
                    text = f"**{piece.text}**"
                    self._pending.append(Piece(kind=Kind.TEXT, line=piece.line, text=text))
                case Kind.ITEMS:
                    self._absorb()
                    if self._drafts and self._draft.is_empty:
                        self._draft.line = piece.line
                    self._draft.items += [Item(text=t, line=n) for n, t in piece.items]
                case Kind.ENTRY:
                    self._begin(piece.line)
                    self._draft.lead = piece.text
                    self._draft.hint = _title(piece.text)
                case Kind.LEAVE:
                    self._begin(piece.line)
                case Kind.FENCE:
                    self._read_fence(piece)
        self._absorb()
        self._close()
        return self._drafts

    def _begin(self, line: int) -> None:
        """Begin another draft; one that only speaks goes on into it."""
        self._absorb()
        before = self._draft
        self._close(keep_speech=False)
        self._draft = Draft(line=line)
        if not before.acts:
            said = [before.lead, *before.prose] if before.lead else before.prose
            self._draft.prose, self._draft.notices = list(said), before.notices

    def _close(self, *, keep_speech: bool = True) -> None:
        draft = self._draft
        if draft.acts or (keep_speech and not draft.is_empty and not self._drafts):
            self._drafts.append(draft)
        elif keep_speech and not draft.is_empty:
            last = self._drafts[-1]
            last.prose += [draft.lead, *draft.prose] if draft.lead else draft.prose
            last.notices += draft.notices

    def _absorb(self, pieces: Sequence[Piece] | None = None) -> None:
        """Take what is pending, or ``pieces`` of it, into the present draft."""
        for piece in self._pending if pieces is None else pieces:
            if piece.kind is Kind.NOTICE:
                notice = Notice(kind=piece.info, text=piece.text, line=piece.line)
                self._draft.notices.append(notice)
            else:
                self._draft.prose.append(piece.text)
        if pieces is None:
            self._pending = []

    def _read_fence(self, fence: Piece) -> None:
        is_expected = self._is_expected(fence)
        actions = [] if is_expected else self._actions.read(fence)
        if actions:
            for action in actions:
                self._read_action(action)
            return
        language = read_opening(fence.info).language
        if is_expected and self._draft.commands and not self._draft.expect:
            lines = _expected_lines(fence.text)
            if lines and not is_shell(language):
                self._absorb()
                self._draft.expect = lines
                return
        if not language and not is_expected and _TOOL.match(fence.text):
            self._notes.add(
                fence.line, "a fence without a language is only shown", "Write '```sh' to run it"
            )
        text = shown_fence(fence.text, language)
        self._pending.append(Piece(kind=Kind.TEXT, line=fence.line, text=text))

    def _is_expected(self, fence: Piece) -> bool:
        """Tell whether the text above a fence, or its opening line, calls it expected output."""
        last = self._pending[-1] if self._pending else None
        language = read_opening(fence.info).language
        if language in ("console", "shell-session") or fence.is_quoted:
            return False
        if language == "expect" or EXPECTED.search(fence.info.partition("title=")[2]):
            return True
        return bool(last and last.is_paragraph and EXPECTED.match(last.text))

    def _read_action(self, action: Action) -> None:
        expected = bool(self._pending and EXPECTED.match(self._pending[-1].text))
        if not action.commands and not action.by_hand:
            for text in (*action.shown, *_printed(action)):
                self._pending.append(Piece(kind=Kind.TEXT, line=action.line, text=text))
            return
        if self._joins(action):
            return
        lead = self._lead()
        self._absorb(self._pending[: len(self._pending) - len(lead)])
        self._pending = []
        if self._draft.acts:
            self._begin(action.line)
        if action.title:
            self._draft.hint = marked.plain(action.title, 100)
        elif not self._draft.hint and lead and lead[-1].is_paragraph:
            self._draft.hint = _title(lead[-1].text)
        self._absorb(lead)
        self._take_commands(action.commands)
        self._draft.prose += action.shown
        if action.by_hand:
            self._draft.items.append(Item(text=BY_HAND, line=action.line))
        if expected and action.printed:
            self._draft.expect = _expected_lines("\n".join(action.printed))
        else:
            self._draft.prose += _printed(action)

    def _joins(self, action: Action) -> bool:
        """Add to the present step another way of doing the same; False if it is something else."""
        label = " ".join(piece.text for piece in self._pending)
        if len([piece for piece in self._pending if piece.is_paragraph]) > 1:
            return False
        if not self._draft.acts or not 0 < len(label) <= _LABEL_LENGTH:
            return False
        otherwise = _OTHERWISE.match(label) is not None
        if not otherwise and not _METHOD_WORD.search(label):
            return False
        taken = {method for command in self._draft.commands for method in command.methods}
        wanted = {method for command in action.commands for method in command.methods}
        fits = (
            bool(action.commands and self._draft.commands)
            and not self._draft.items
            and all(command.methods for command in (*self._draft.commands, *action.commands))
            and not taken & wanted
        )
        if not fits and not otherwise:
            return False
        self._absorb()
        if fits:
            self._take_commands(action.commands)
            if _METHOD_WORD.search(self._draft.hint) and len(self._draft.hint) <= _LONGEST_LABEL:
                self._draft.hint = ""
        self._draft.prose += action.shown if fits else [action.source]
        self._draft.prose += _printed(action)
        return True

    def _take_commands(self, commands: Sequence[Command]) -> None:
        self._draft.commands += commands
        for command in commands:
            if command.level is Level.DESTRUCTIVE:
                text = f"This may destroy something. {_for(command)}{command.affects}"
                self._draft.notices.append(Notice(kind="caution", text=text, line=command.line))

    def _lead(self) -> list[Piece]:
        """Return the end of what is pending: that which leads to the next command."""
        if not self._draft.acts:
            return self._pending
        lead: list[Piece] = []
        for piece in reversed(self._pending):
            is_after = piece.kind is Kind.TEXT and not piece.is_paragraph
            if is_after or _AFTERWARDS.match(piece.text):
                break
            lead.insert(0, piece)
        return lead


def is_shell(language: str) -> bool:
    """Tell whether ``language`` is that of commands."""
    return language in ("sh", "bash", "shell", "zsh", "ksh", "dash")


def _for(command: Command) -> str:
    every = len(command.methods) in (0, len(Method))
    return "" if every else f"{', '.join(each.value for each in command.methods)}: "


def _printed(action: Action) -> list[str]:
    return [shown_fence("\n".join(action.printed), "text")] if action.printed else []


def _title(text: str) -> str:
    """Return the first sentence of a text, as a title."""
    words = marked.plain(text, 400)
    sentences = re.split(r"(?<=[^.\d])[.!?]\s|(?<=[^.\d])[.:!?]$", words)
    sentences = [each for each in sentences if each.strip(" :.")] or [words]
    last = words.endswith(":") and not EXPECTED.match(sentences[-1])
    sentence = sentences[-1 if last else 0].rstrip(" :.")
    if EXPECTED.match(sentence):
        return ""
    return sentence if len(sentence) <= 100 else f"{sentence[:99]}…"


def _expected_lines(text: str) -> tuple[str, ...]:
    """Return the lines to expect; dots and what is to be filled in match anything."""
    lines = [re.sub(r"\.{3,}|<[^<>\s][^<>]*>", "…", line.strip()) for line in text.split("\n")]
    return tuple(line for line in lines if line)

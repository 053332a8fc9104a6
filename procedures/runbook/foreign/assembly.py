"""Sections become phases with steps, an introduction, and what only has to be read."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from procedures.runbook.foreign import marked
from procedures.runbook.foreign.actions import ActionReader
from procedures.runbook.foreign.drafts import Draft, DraftReader
from procedures.runbook.foreign.notes import Notes
from procedures.runbook.foreign.pieces import Kind, Piece
from procedures.runbook.foreign.sections import Outline, Section
from procedures.runbook.model import Item, Phase, Step

READ_AND_DO = "Read and do"
"""The item of a step that has nothing else to run or to tick."""

_LONGEST_TITLE = 120
_MOST_PARAGRAPHS = 100


@dataclass(slots=True, kw_only=True)
class _PhaseDraft:
    title: str
    line: int
    steps: list[Step] = field(default_factory=list)


class Assembler:
    """Assembles one document.

    Attributes:
        intro: Markdown of what stands before the steps, and of all that only explains.
    """

    def __init__(self, title: str, actions: ActionReader, notes: Notes) -> None:
        self._title = title
        self._actions = actions
        self._notes = notes
        self._numbers: dict[str, int] = {}
        self._phases: list[_PhaseDraft] = []
        self._carried: list[Draft] = []
        self.intro: list[str] = []

    def phases(self, outline: Outline) -> tuple[Phase, ...]:
        """Return the phases that have a step."""
        sections = outline.sections
        if len(sections) == 1 and not any(_is_more(piece) for piece in sections[0].pieces):
            self._read_paragraphs(sections[0])
        else:
            for section in sections:
                if section.level and section.level == outline.phase_level:
                    self._end_phase()
                    self._phases.append(_PhaseDraft(title=section.title, line=section.line))
                self._read(section)
        self._end_phase()
        return tuple(
            Phase(title=phase.title, line=phase.line, steps=tuple(phase.steps))
            for phase in self._phases
            if phase.steps
        )

    def _read(self, section: Section) -> None:
        pieces = section.pieces
        if section.is_introductory and not any(_is_action(piece) for piece in pieces):
            pieces = [_as_text(piece) for piece in pieces]
        drafts = DraftReader(section.line, self._actions, self._notes).read(pieces)
        acting = [draft for draft in drafts if draft.acts]
        if acting:
            for number, draft in enumerate(drafts):
                self._add_step(draft, self._name(draft, section, number, len(drafts)))
            return
        said = drafts[0] if drafts else Draft(line=section.line)
        if section.level == 0:
            self._introduce("", said)
        elif section.is_introductory and section.is_leaf:
            self._introduce(section.title, said)
        elif section.is_leaf:
            self._add_step(said, section.title)
        elif not said.is_empty or section.title != self._phase_title():
            self._carry(section, said)

    def _read_paragraphs(self, section: Section) -> None:
        """Make each paragraph of a document without headings and commands a step."""
        pieces = list(section.pieces)
        if len(pieces) > _MOST_PARAGRAPHS:
            drafts = DraftReader(section.line, self._actions, self._notes).read(pieces)
            self._add_step(drafts[0], self._title)
            return
        for piece in pieces:
            (draft,) = DraftReader(piece.line, self._actions, self._notes).read([piece])
            self._add_step(draft, marked.plain(piece.text, 60).rstrip(" .:") or self._title)

    def _name(self, draft: Draft, section: Section, number: int, count: int) -> str:
        title = section.title or self._title
        if count == 1:
            return draft.hint if not section.title and draft.hint else title
        if draft.hint:
            is_said = title == (self._phase_title() or self._title)
            return draft.hint if is_said else f"{title}: {draft.hint}"
        return title if number == 0 else f"{title} ({number + 1})"

    def _add_step(self, draft: Draft, title: str) -> None:
        phase = self._phase(draft.line)
        title = title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"
        title = title or "Step"
        prose, notices = list(draft.prose), list(draft.notices)
        if draft.lead and marked.plain(draft.lead, 400).rstrip(" :.") not in title:
            prose.insert(0, draft.lead)
        carried, self._carried = self._carried, []
        prose = [text for each in carried for text in each.prose] + prose
        notices = [notice for each in carried for notice in each.notices] + notices
        items = tuple(draft.items)
        if not draft.acts:
            items = (Item(text=READ_AND_DO, line=draft.line),)
        phase.steps.append(
            Step(
                id=self._new_id(title),
                title=title,
                line=draft.line,
                prose="\n\n".join(prose),
                notices=tuple(notices),
                commands=tuple(draft.commands),
                expect=draft.expect,
                items=items,
            )
        )

    def _carry(self, section: Section, said: Draft) -> None:
        """Keep what a heading says above deeper ones for the first step below it."""
        if section.title != self._phase_title():
            said.prose.insert(0, f"**{section.title}**")
        self._carried.append(said)

    def _introduce(self, title: str, said: Draft) -> None:
        if said.is_empty and not title:
            return
        self.intro += [f"**{title}**"] if title else []
        self.intro += [_quoted(f"[!{each.kind.upper()}]\n{each.text}") for each in said.notices]
        self.intro += [*([said.lead] if said.lead else []), *said.prose]

    def _end_phase(self) -> None:
        """Make what no step took a step of its own; a phase that only explains is introduction."""
        if self._carried:
            self._add_step(Draft(line=self._carried[0].line), self._phase_title() or self._title)
        elif self._phases and not self._phases[-1].steps:
            title = f"**{self._phases[-1].title}**"
            if title not in self.intro:
                self.intro.append(title)

    def _phase(self, line: int) -> _PhaseDraft:
        if not self._phases:
            self._phases.append(_PhaseDraft(title=self._title, line=line))
        return self._phases[-1]

    def _phase_title(self) -> str:
        return self._phases[-1].title if self._phases else ""

    def _new_id(self, title: str) -> str:
        slug = kebab(title) or "step"
        number = self._numbers.get(slug, 0) + 1
        self._numbers[slug] = number
        while number > 1 and f"{slug}-{number}" in self._numbers:
            number += 1
        if number == 1:
            return slug
        self._numbers[slug] = number
        self._numbers[f"{slug}-{number}"] = 1
        return f"{slug}-{number}"


def kebab(text: str) -> str:
    """Return ``text`` in small letters, digits and single dashes; empty if it has none of them."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _is_action(piece: Piece) -> bool:
    return piece.kind is Kind.FENCE or piece.kind is Kind.ENTRY


def _is_more(piece: Piece) -> bool:
    return piece.kind is not Kind.TEXT


def _as_text(piece: Piece) -> Piece:
    """Return a list as text: in a section that explains, nothing is to be done."""
    if piece.kind is not Kind.ITEMS:
        return piece
    text = "\n".join(f"- {text}" for _, text in piece.items)
    return Piece(kind=Kind.TEXT, line=piece.line, text=text)


def title_of(stem: str, outline: Outline) -> str:
    """Return the title of a document that gives none in its head."""
    return outline.title or re.sub(r"[\W_]+", " ", stem).strip().capitalize() or "Runbook"


def first_sentence(texts: Sequence[str]) -> str:
    """Return the first sentence of an introduction, for a list of documents."""
    text = next(
        (text for text in texts if not text.startswith(("**", ">", "`", "|", "<", "[", "- "))), ""
    )
    sentence = re.split(r"(?<=[.!?])\s", marked.plain(text, 300), maxsplit=1)[0]
    return sentence if len(sentence) <= 160 else f"{sentence[:159]}…"

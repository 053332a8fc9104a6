"""Reference pages: the team's policy data as documents to read and search."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from procedures.environment import Limits, Method
from procedures.library.entry import Entry, Kind
from procedures.reference.contacts import load_contacts
from procedures.reference.glossary import load_glossary
from procedures.reference.indicators import Indicator, load
from procedures.reference.severities import SeverityPolicy, load_severities
from procedures.reference.tables import DIRECTORY
from procedures.reference.thresholds import Worse
from procedures.reference.useful_commands import UsefulCommand, load_useful_commands
from procedures.signals.promql import render

THEME = "reference"
WINDOW_S = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A document that is made from policy data.

    Attributes:
        source: The data.
        markdown: The document.
    """

    id: str
    title: str
    summary: str
    source: Path
    markdown: str

    @property
    def entry(self) -> Entry:
        """The page as a line of the list."""
        return Entry(
            path=self.source,
            kind=Kind.PAGE,
            id=self.id,
            title=self.title,
            theme=THEME,
            summary=self.summary,
            methods=tuple(Method),
        )


@cache
def pages() -> tuple[Page, ...]:
    """Return all reference pages."""
    return (
        _page(
            "contacts",
            "Contacts",
            "Whom to call, and how.",
            "contacts.toml",
            _contacts(),
        ),
        _page(
            "escalation-matrix",
            "Escalation matrix",
            "What P1 to P4 mean, how soon somebody answers, and who is called next.",
            "severities.toml",
            _severities(load_severities()),
        ),
        _page(
            "glossary",
            "Glossary",
            "Words and abbreviations of the procedures.",
            "glossary.toml",
            (f"**{term.name}** {term.about}\n" for term in load_glossary()),
        ),
        _page(
            "metric-reference",
            "Metric reference",
            "Every indicator: what it says, its limits, its alerts and its query.",
            "indicators.toml",
            _indicators(load()),
        ),
        _page(
            "useful-commands",
            "Useful commands",
            "The commands that are typed most, for each deployment method.",
            "useful_commands.toml",
            _commands(load_useful_commands()),
        ),
    )


def _page(id: str, title: str, summary: str, file: str, lines: Iterator[str]) -> Page:
    head = (f"# {title}", "", summary, "")
    markdown = "\n".join((*head, *lines)).rstrip() + "\n"
    source = DIRECTORY / file
    return Page(id=id, title=title, summary=summary, source=source, markdown=markdown)


def _contacts() -> Iterator[str]:
    contacts = load_contacts()
    for group in dict.fromkeys(contact.group for contact in contacts):
        yield f"## {group.capitalize()}\n"
        yield from _table(
            ("Who", "How", "When"),
            ((c.name, ", ".join(c.ways), c.about) for c in contacts if c.group == group),
        )


def _severities(severities: tuple[SeverityPolicy, ...]) -> Iterator[str]:
    yield from _table(
        ("", "Response", "First", "Then", "Stakeholders", "Channel"),
        (
            (
                f"**{each.id}** {each.word}",
                _within(each.response_m),
                each.first,
                ", ".join(f"{e.to} after {_span(e.after_m)}" for e in each.escalations) or "–",
                _every(each.stakeholders_every_m),
                _every(each.channel_every_m),
            )
            for each in severities
        ),
    )
    yield "The clocks run from the declaration of the incident.\n"
    for each in severities:
        yield f"## {each.id} {each.word}\n"
        yield f"{each.means}. Signs:\n"
        yield from (f"- {sign}" for sign in each.signs)
        yield ""


def _indicators(indicators: tuple[Indicator, ...]) -> Iterator[str]:
    yield "## Key indicators\n"
    yield from _table(
        ("Indicator", "Target", "Warning", "Critical"),
        ((each.title, *_bands(each)) for each in indicators if each.key),
    )
    for each in indicators:
        yield f"## {each.title}\n"
        yield f"{each.about}\n"
        if each.alerts:
            yield f"Alerts: {', '.join(each.alerts)}\n"
        if each.exported_as:
            yield f"From: {', '.join(f'`{name}`' for name in each.exported_as)}\n"
        query = render(each.measure, job="llm-config-manager", window_s=WINDOW_S, limits=Limits())
        yield f"```promql\n{query}\n```\n"


def _bands(indicator: Indicator) -> tuple[str, str, str]:
    threshold = indicator.threshold
    if threshold is None:
        return "–", "–", "–"
    target, critical = (f"{v:g} {indicator.unit}" for v in (threshold.target, threshold.critical))
    good, bad = ("<", ">") if threshold.worse is Worse.HIGHER else (">", "<")
    if threshold.target_is_ok:
        good = {"<": "≤", ">": "≥"}[good]
    return f"{good} {target}", f"{target} to {critical}", f"{bad} {critical}"


def _commands(commands: tuple[UsefulCommand, ...]) -> Iterator[str]:
    for each in commands:
        yield f"## {each.name}\n"
        if each.about:
            yield f"{each.about}.\n"
        for line in dict.fromkeys(each.lines.values()):
            methods = [method.value for method, text in each.lines.items() if text == line]
            if len(methods) < len(Method):
                yield f"{', '.join(methods)}:\n"
            yield f"```sh\n{line}\n```\n"
        if each.procedure:
            yield f"The procedure for it: [{each.procedure}]({each.procedure}.md)\n"


def _table(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def _within(minutes: int | None) -> str:
    return "best effort" if minutes is None else f"within {_span(minutes)}"


def _every(minutes: int | None) -> str:
    return "as needed" if minutes is None else f"every {_span(minutes)}"


def _span(minutes: int) -> str:
    if minutes and minutes % 60 == 0:
        return "day" if minutes == 24 * 60 else f"{minutes // 60} h"
    return f"{minutes} min"

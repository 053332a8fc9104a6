"""The dashboard as plain text, for a pipe, a log or a terminal that can do no more."""

from collections.abc import Iterable, Iterator, Sequence

from procedures.environment import Environment
from procedures.execution.cleaning import clean_line
from procedures.reference.indicators import Indicator
from procedures.signals.values import (
    Alert,
    Alerts,
    Backups,
    Component,
    Disk,
    Health,
    Reading,
    Snapshot,
)
from procedures.signals.verdict import Finding, findings, verdict
from tui.wording import Wording
from widgets.marks import GLYPHS, age


def render(snapshot: Snapshot, environment: Environment, reference: Iterable[Indicator]) -> str:
    """Return the whole dashboard; ``reference`` is the indicators in the order to show."""
    indicators = {indicator.id: indicator for indicator in reference}
    found = findings(snapshot, environment, indicators.values())
    wording = Wording(environment, indicators, snapshot.at)
    lines = [(each, _line(each, wording, wording.width(found))) for each in found]
    return "\n".join(
        [
            f"QUARTERDECK  {environment.tier.value.upper()}  {environment.name}"
            f"  {environment.method.value}  {snapshot.at:%Y-%m-%d %H:%M:%S} UTC",
            f"{GLYPHS[verdict(found)]} {verdict(found).value.upper()}",
            *_section("Indicators", lines, (Reading,)),
            *_section("Health", lines, (Health, Component)),
            *_section("Alerts", lines, (Alert, Alerts), otherwise="none firing"),
            *_section("Backups and disk", lines, (Backups, Disk)),
            *_sources(snapshot),
        ]
    )


def _section(
    title: str,
    lines: Sequence[tuple[Finding, str]],
    kinds: tuple[type, ...],
    *,
    otherwise: str = "not watched",
) -> Iterator[str]:
    yield ""
    yield title
    shown = [line for finding, line in lines if isinstance(finding.about, kinds)]
    yield from shown or [f"  {otherwise}"]


def _line(finding: Finding, wording: Wording, width: int) -> str:
    name, detail = wording.name(finding.about), wording.detail(finding.about)
    state = finding.state
    return f"  {GLYPHS[state]} {state.value:<8}  {name:<{width}}  {detail}".rstrip()


def _sources(snapshot: Snapshot) -> Iterator[str]:
    troubled = [source for source in snapshot.sources if source.fault]
    if troubled:
        yield from ("", "Sources in trouble")
    for source in troubled:
        seen = age(source.last_ok, snapshot.at)
        yield f"  {source.name:<20}  last answer {seen}: {clean_line(source.fault)}"

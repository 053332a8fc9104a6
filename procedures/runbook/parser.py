"""A Markdown document becomes a Procedure, or one error that lists everything wrong with it."""

import hashlib
import itertools
import re
import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

from procedures.environment import Method
from procedures.runbook.blocks import Block, Kind, blocks_of
from procedures.runbook.fences import FenceSyntaxError, parse_attributes
from procedures.runbook.front_matter import FrontMatter, read_front_matter
from procedures.runbook.lists import is_task_list
from procedures.runbook.model import Phase, Procedure, Step
from procedures.runbook.problems import Problems
from procedures.runbook.quantities import duration
from procedures.runbook.soundness import examine_step
from procedures.runbook.steps import is_machine, opening_of, refuse_inner_fences, step_of

_BUDGET = re.compile(r"(?P<title>.*?)\s*(?P<braces>\{[^{}]*\})")


def parse(text: str, path: Path) -> Procedure:
    """Return the procedure that ``text`` describes.

    Args:
        text: The whole document.
        path: Where it was read: its name must be the id, its folder the theme.

    Raises:
        DocumentError: Something is wrong; ``problems`` holds all of it.
    """
    problems = Problems()
    front = read_front_matter(re.sub(r"\r\n?", "\n", text), problems)
    _examine_place(front, path, problems)
    intro, phases = _PhaseReader(problems).read(blocks_of(front.body))
    if not any(phase.steps for phase in phases):
        problems.add(1, "the document has no step", "Write '## Phase' and '### Step' headings")
    methods = front.fields.get("methods", tuple(Method))
    for phase in phases:
        for step in phase.steps:
            examine_step(step, methods, front.fields.get("rollback", ""), problems)
    problems.raise_any(path)
    fields = dict(front.fields)
    fields["inputs"] = MappingProxyType(fields.get("inputs", {}))
    return Procedure(
        path=path,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        source=text,
        intro=intro,
        phases=phases,
        **fields,
    )


def _examine_place(front: FrontMatter, path: Path, problems: Problems) -> None:
    for key, place in (("id", path.stem), ("theme", path.parent.name)):
        value = front.fields.get(key, place)
        if value != place:
            what = "file" if key == "id" else "folder"
            problems.add(
                front.lines[key],
                f"{key} '{value}' is not the name of the {what}, '{place}'",
                f"Write '{key}: {place}', or rename the {what}",
            )


class _PhaseReader:
    """Cuts the blocks of a body into intro, phases and steps."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._ids: set[str] = set()

    def read(self, blocks: Sequence[Block]) -> tuple[str, tuple[Phase, ...]]:
        """Return the intro and the phases."""
        intro, *parts = _cut(blocks, level=2)
        for block in intro:
            if block.kind is Kind.HEADING and block.level == 3:
                self._problems.add(
                    block.line, "a step outside a phase", "Write a '## Phase' heading above it"
                )
        shown = [block for block in intro if block.kind is not Kind.HEADING]
        return self._prose(shown), tuple(self._phase(part) for part in parts)

    def _phase(self, blocks: Sequence[Block]) -> Phase:
        heading, *content = blocks
        title, budget = self._title_and_budget(heading)
        before, *parts = _cut(content, level=3)
        steps = [self._step(part[0].source, part[0].line, part[1:]) for part in parts]
        prose = ""
        if not parts and any(self._does_something(block) for block in before):
            steps = [self._step(title, heading.line, before)]
        else:
            prose = self._prose(before)
        return Phase(title=title, line=heading.line, prose=prose, budget=budget, steps=tuple(steps))

    def _title_and_budget(self, heading: Block) -> tuple[str, timedelta | None]:
        match = _BUDGET.fullmatch(heading.source)
        if match is None:
            return heading.source, None
        advice = "Write it like '{budget=15m}'"
        try:
            attributes = parse_attributes(match["braces"])
        except FenceSyntaxError as error:
            self._problems.add(heading.line, str(error), advice)
            return match["title"], None
        budget = duration(attributes.get("budget", ""))
        if attributes.keys() != {"budget"} or budget is None:
            self._problems.add(heading.line, f"a phase cannot take {match['braces']}", advice)
        return match["title"], budget

    def _step(self, title: str, line: int, blocks: Sequence[Block]) -> Step:
        if not title:
            self._problems.add(line, "a step without a title", "Say what it does")
        deeper = [block for block in blocks if block.kind is Kind.HEADING]
        for block in deeper:
            self._problems.add(
                block.line, "a heading inside a step", "Use '###' for a step, and bold for a part"
            )
        rest = [block for block in blocks if block.kind is not Kind.HEADING]
        return step_of(title, self._new_id(title), line, rest, self._problems)

    def _new_id(self, title: str) -> str:
        ascii_title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
        slug = re.sub(r"[^a-z0-9]+", "-", ascii_title.lower()).strip("-") or "step"
        numbered = (f"{slug}-{number}" for number in itertools.count(2))
        free = next(each for each in itertools.chain([slug], numbered) if each not in self._ids)
        self._ids.add(free)
        return free

    def _does_something(self, block: Block) -> bool:
        if block.kind is Kind.FENCE:
            return is_machine(block.info)
        return block.kind is Kind.LIST and is_task_list(block, Problems())

    def _prose(self, blocks: Sequence[Block]) -> str:
        """Return the Markdown of blocks that are only shown; what would act is a problem."""
        parts = []
        for block in blocks:
            refuse_inner_fences(block, self._problems)
            if block.kind is Kind.FENCE:
                opening_of(block, self._problems)
            if self._does_something(block):
                self._problems.add(
                    block.line, "this stands outside a step", "Write a '### Step' heading above it"
                )
            is_fence = block.kind is Kind.FENCE
            parts.append(f"```\n{block.source}\n```" if is_fence else block.source)
        return "\n\n".join(parts)


def _cut(blocks: Sequence[Block], *, level: int) -> list[list[Block]]:
    """Cut before every heading of ``level``; the first part is what stands before any."""
    parts: list[list[Block]] = [[]]
    for block in blocks:
        if block.kind is Kind.HEADING and block.level == level:
            parts.append([])
        parts[-1].append(block)
    return parts

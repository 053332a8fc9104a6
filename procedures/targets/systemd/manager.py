"""Questions to systemctl: which units there are, and how they are."""

from collections.abc import Mapping, Sequence

from procedures.errors import SourceError
from procedures.targets.systemd import questions
from procedures.targets.systemd.errors import explained, is_unknown_option
from procedures.targets.systemd.names import found_names
from procedures.targets.systemd.properties import blocks
from procedures.targets.tool import ask

_OF_FILES = (0, 1)
"""Exit statuses of ``list-unit-files``: 1 if there is none."""


class Manager:
    """The system manager of this machine."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._precise = True

    async def show(self, names: Sequence[str]) -> list[dict[str, str]]:
        """Return the properties of units, in their order."""
        if not names:
            return []
        try:
            return blocks(await self._ask(*questions.show(names, precise=self._precise)))
        except SourceError as error:
            if not (self._precise and is_unknown_option(error.what)):
                raise explained(error) from error
        self._precise = False
        return await self.show(names)

    async def find(self, patterns: Sequence[str]) -> list[str]:
        """Return the names of the units that match, loaded or only in files."""
        if not patterns:
            return []
        try:
            loaded = await self._ask(*questions.list_loaded(patterns))
            files = await self._ask(*questions.list_files(patterns), answers=_OF_FILES)
        except SourceError as error:
            raise explained(error) from error
        return sorted({*found_names(loaded, patterns), *found_names(files, patterns)})

    async def _ask(self, *argv: str, answers: tuple[int, ...] = (0,)) -> str:
        return await ask(*argv, variables=self._variables, answers=answers)

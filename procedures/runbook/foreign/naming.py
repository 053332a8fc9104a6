"""Names of inputs for placeholders: one for each thing to fill in, and safe as a variable."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType

from procedures.runbook.model import Input

_TAKEN = frozenset({"http_proxy", "https_proxy", "no_proxy", "ftp_proxy", "all_proxy"})
_LONGEST = 40
_SET = re.compile(
    r"(?:^|[;&|(]|\b(?:export|local|declare|readonly|then|do|else)\s)[ \t]*(?P<set>[a-z_]\w*)\+?="
    r"|\b(?:for|select)[ \t]+(?P<loop>[a-z_]\w*)[ \t]+in\b"
    r"|\bread[ \t]+(?:-\w+[ \t]+)*(?P<read>[a-z_]\w*)",
    re.MULTILINE,
)


class Naming:
    """The inputs of one document so far."""

    def __init__(self, body: str) -> None:
        """Begin a document; the names that ``body`` itself sets can be no inputs."""
        self._body = body
        self._names: dict[str, str] = {}
        self._inputs: dict[str, Input] = {}

    @property
    def inputs(self) -> Mapping[str, Input]:
        """Every input that was asked for with :meth:`use`."""
        return MappingProxyType(dict(self._inputs))

    def name_of(self, text: str) -> str:
        """Return the input's name for a placeholder called ``text``, however it is spelt."""
        key = re.sub(r"[\W_]+", "_", text.casefold()).strip("_")
        if key not in self._names:
            self._names[key] = self._free(_slug(text))
        return self._names[key]

    def use(self, name: str, text: str) -> None:
        """Ask for the input ``name``, which stands for the placeholder written ``text``."""
        self._inputs.setdefault(name, Input(name=name, help=f"What stands for {text}"))

    @cached_property
    def _refused(self) -> frozenset[str]:
        found = (match[match.lastgroup or 0] for match in _SET.finditer(self._body))
        return frozenset(found) | _TAKEN

    @cached_property
    def _taken(self) -> set[str]:
        return set(self._refused)

    def _free(self, slug: str) -> str:
        name = slug if slug not in self._refused else f"{slug}_value"
        number = 2
        while name in self._taken:
            name = f"{slug}_{number}"
            number += 1
        self._taken.add(name)
        return name


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:_LONGEST].strip("_") or "value"
    return slug if slug[0].isalpha() else f"value_{slug}"

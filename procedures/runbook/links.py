"""The links of a document, with the lines on which they stand; fences hold none."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token


class Link(NamedTuple):
    """One link; ``address`` as it is written, ``line`` that of its paragraph."""

    address: str
    line: int

    @property
    def path(self) -> str:
        """The relative path that it leads to; empty for another site or a place in the page."""
        parts = urlsplit(self.address)
        return "" if parts.scheme or parts.netloc else unquote(parts.path)


def links_of(body: str) -> Iterator[Link]:
    """Yield the links of a Markdown body in their order."""
    for token in MarkdownIt("commonmark").parse(body):
        line = token.map[0] + 1 if token.map else 1
        for child in token.children or ():
            if address := _address(child):
                yield Link(address, line)


def _address(token: Token) -> str:
    name = {"link_open": "href", "image": "src"}.get(token.type, "")
    return str(token.attrs.get(name, "")) if name else ""

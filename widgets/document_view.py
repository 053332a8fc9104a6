"""A document to read: it scrolls, jumps from heading to heading, and its links can be followed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events
from textual.binding import Binding
from textual.message import Message

from widgets.strips import Line
from widgets.text_view import TextView

if TYPE_CHECKING:
    from widgets.document_lines import Place, Rendered

MOST_READABLE = 110
"""Cells of a row beyond which the eye loses its way back."""


class DocumentView(TextView):
    """Shows Markdown; Tab goes from link to link, Enter follows the chosen one."""

    BINDINGS = [
        Binding("tab", "link(1)", "Next link", show=False, tooltip="Choose the next link"),
        Binding("shift+tab", "link(-1)", "Previous link", show=False),
        Binding("right_square_bracket", "heading(1)", "Next heading", show=False, key_display="]"),
        Binding(
            "left_square_bracket", "heading(-1)", "Previous heading", show=False, key_display="["
        ),
        Binding("enter", "follow", "Follow", tooltip="Open what the chosen link leads to"),
    ]

    @dataclass
    class Followed(Message):
        """Enter was pressed on a link."""

        address: str

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._head: Sequence[Line] = ()
        self._markdown = ""
        self._method = ""
        self._rendered: Rendered | None = None
        self.chosen = -1

    def show_document(self, markdown: str, *, head: Sequence[Line] = (), method: str = "") -> None:
        """Replace the document.

        Args:
            markdown: Its text without front matter.
            head: Lines above it.
            method: Show the commands of this deployment method only; empty shows all.
        """
        self._markdown, self._head, self._method = markdown, head, method
        self._render_document()

    def _render_document(self) -> None:
        # Imported here: the Markdown parser must not delay the console's first picture.
        from widgets.document_lines import render_document

        width = max(20, self.size.width - self.styles.scrollbar_size_vertical - 1)
        width = min(width, MOST_READABLE)
        self._rendered = render_document(
            self._markdown, width, chosen=self.chosen, method=self._method
        )
        self.show([*self._head, *self._rendered.lines])

    def on_resize(self, event: events.Resize) -> None:
        """Lay the document out for the new width."""
        if self._rendered is not None:
            self._render_document()
        super().on_resize(event)

    @property
    def links(self) -> "tuple[Place, ...]":
        """The links of the document."""
        return self._rendered.links if self._rendered else ()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to follow a link only where one is chosen."""
        if action == "follow":
            return 0 <= self.chosen < len(self.links)
        return super().check_action(action, parameters)

    def action_link(self, direction: int) -> None:
        """Choose the next or the previous link, and bring it into view."""
        if not self.links:
            return
        start = self.chosen if self.chosen >= 0 else (-1 if direction > 0 else 0)
        self.chosen = (start + direction) % len(self.links)
        self._render_document()
        self._bring_into_view(self.links[self.chosen].line)
        self.refresh_bindings()

    def action_heading(self, direction: int) -> None:
        """Go to the next or the previous heading."""
        if self._rendered is None:
            return
        top = round(self.scroll_offset.y) - len(self._head)
        lines = [heading.line for heading in self._rendered.headings]
        ahead = [each for each in lines if (each > top if direction > 0 else each < top)]
        if ahead:
            line = ahead[0] if direction > 0 else ahead[-1]
            self.scroll_to(y=line + len(self._head), animate=False)

    def go_to(self, slug: str) -> None:
        """Bring the heading with this fragment into view, if there is one."""
        for heading in self._rendered.headings if self._rendered else ():
            if re.sub(r"[^\w]+", "-", heading.text.lower()).strip("-") == slug.lower():
                self.scroll_to(y=heading.line + len(self._head), animate=False)
                return

    def action_follow(self) -> None:
        """Tell that the chosen link is to be followed."""
        if 0 <= self.chosen < len(self.links):
            self.post_message(self.Followed(self.links[self.chosen].text))

    def _bring_into_view(self, line: int) -> None:
        line += len(self._head)
        top = round(self.scroll_offset.y)
        if not top <= line < top + self.size.height - 1:
            self.scroll_to(y=max(0, line - self.size.height // 3), animate=False)

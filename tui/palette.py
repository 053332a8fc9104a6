"""What the command palette offers beyond the keys of the present screen."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content, Span
from textual.fuzzy import Matcher
from textual.markup import escape
from textual.screen import Screen

from procedures.errors import ProcedureError
from tui.incident_desk import declare, resolve
from tui.places import can_go

if TYPE_CHECKING:
    from tui.app import ConsoleApp

_FRAMEWORK = frozenset(each.action for each in Screen.BINDINGS if isinstance(each, Binding))
"""What every screen can do by itself, which is no command of this console."""

_PLACES = {
    "dashboard": "",
    "alerts": "",
    "procedures": "",
    "fleet": "All environments and targets, worst first",
}

Offer = tuple[str, str, Callable[[], Any]]


class ConsoleCommands(Provider):
    """Places, procedures by name and, in the sandbox, faults to inject and cure."""

    @property
    def _console(self) -> "ConsoleApp":
        from tui.app import ConsoleApp

        if not isinstance(self.app, ConsoleApp):
            raise TypeError("these commands belong to the console")
        return self.app

    async def _offers(self) -> AsyncIterator[Offer]:
        console = self._console
        for place, about in _PLACES.items():
            if can_go(place, console.services):
                yield f"Go to {place}", about, partial(console.action_go, place)
        yield "Go to backups", "Ages, recovery point, verification", console.open_backups
        yield "Approvals", "What waits for a second person", console.action_decide
        yield "Look now", "Ask all sources at once", console.action_look_now
        yield "Quit", "Leave the console; running steps go on", console.action_quit
        yield "Declare an incident", "P1 to P4; the header shows it", partial(self._ask, declare)
        for incident in console.incidents:
            title = f"Resolve {incident.severity.name}: {incident.title}"
            ask = partial(resolve, incident=incident)
            yield title, "Say how, for the record", partial(self._ask, ask)
        for fault, about, present in await self._faults():
            verb = "cure" if present else "inject"
            yield f"Sandbox: {verb} {fault}", about, partial(self._practise, verb, fault)
        for action in self._actions():
            yield action
        for each in (await console.services.whole_shelf()).entries:
            if each.kind.value != "broken":
                reads = each.kind.value == "page" or console.services.environment.watch_only
                verb = "Read" if reads else "Walk"
                yield f"{verb}: {each.title}", each.summary, partial(console.open_entry, each)

    def _actions(self) -> Iterator[Offer]:
        """Offer what the keys of the present screen do."""
        for active in self.screen.active_bindings.values():
            binding = active.binding
            ours = active.node is self.screen and binding.action not in _FRAMEWORK
            if ours and active.enabled and binding.description:
                call = partial(self.app.run_action, binding.action, active.node)
                yield binding.description, binding.tooltip, call

    def _ask(self, questions: "Callable[[ConsoleApp], Awaitable[None]]") -> None:
        """Ask in a worker: only there can a dialog be waited for."""
        self._console.run_worker(questions(self._console), name="incident")

    async def _faults(self) -> Sequence[tuple[str, str, bool]]:
        sandbox = self._console.sandbox
        try:
            return () if sandbox is None else await sandbox.faults()
        except ProcedureError:
            return ()

    async def _practise(self, verb: str, fault: str) -> None:
        sandbox = self._console.sandbox
        if sandbox is None:
            return
        try:
            await (sandbox.inject(fault) if verb == "inject" else sandbox.cure(fault))
        except ProcedureError as error:
            self._console.tell(error)

    async def discover(self) -> Hits:
        """Offer everything before anything is typed."""
        async for title, about, call in self._offers():
            yield DiscoveryHit(Content(title), call, text=title, help=escape(about) or None)

    async def search(self, query: str) -> Hits:
        """Offer what matches."""
        matcher = self.matcher(query)
        async for title, about, call in self._offers():
            score = matcher.match(title)
            if score > 0:
                yield Hit(
                    score,
                    Content(title, spans=_matched(matcher, title)),
                    call,
                    text=title,
                    help=escape(about) or None,
                )


def _matched(matcher: Matcher, title: str) -> list[Span]:
    """Return what marks the letters that matched; the matcher's own highlighting reads markup."""
    offsets = matcher.fuzzy_search.match(matcher.query, title)[1]
    return [Span(n, n + 1, matcher.match_style) for n in offsets if not title[n].isspace()]

"""Where a shared ledger is kept, as the settings say it."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from procedures.environment import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerAddress:
    """A database that holds the ledger of a team.

    Attributes:
        url: ``postgresql://user@host:port/database``, several hosts parted by commas; its query
            may hold what :data:`tui.settings.ledger.OPTIONS` names. Never a password.
        password: None when the server asks for none, or ``~/.pgpass`` holds it.
    """

    url: str
    password: Secret | None = None

    @property
    def place(self) -> str:
        """Hosts and database, as errors and descriptions name the ledger."""
        return place(self.url)


def place(url: str) -> str:
    """Return hosts and database of ``url``: nothing that lets anyone in."""
    parts = urlsplit(url)
    hosts = unquote(parts.netloc.rpartition("@")[2])
    return f"{hosts or 'the local socket'}{unquote(parts.path)}"

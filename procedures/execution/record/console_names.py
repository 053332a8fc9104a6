"""Names of consoles, from :mod:`procedures.execution.record.consoles`, as operators read them."""


def where(console: str) -> str:
    """Return a console's name in words."""
    host, _, process = console.rpartition("/")[0].rpartition("/")
    return f"process {process} on {host}" if host else "another console"

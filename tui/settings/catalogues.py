"""The ``[procedures]`` table: whose documents the console shows."""

from pathlib import Path

from procedures.errors import SettingsError
from procedures.runbook.catalogue import SHIPPED
from tui.settings.endpoints import EndpointReader
from tui.settings.table import Table


def read_procedures(table: Table, endpoints: EndpointReader) -> tuple[Path, ...]:
    """Return the directories of documents, a team's own before what is shipped."""
    places = []
    for written in table.array("directories"):
        if not isinstance(written, str) or not written:
            table.refuse("directories", "must hold paths", fix='Write ["/srv/runbooks"]')
            continue
        try:
            places.append(endpoints.located(written))
        except SettingsError as error:
            table.refuse("directories", error.what, fix=error.fix)
    if table.flag("shipped", default=True):
        places.append(SHIPPED)
    elif not places:
        table.refuse("shipped", "leaves no procedure at all", fix="Name directories of your own")
    table.close()
    return tuple(places)

"""Whom to call."""

from dataclasses import dataclass
from functools import cache

from procedures.reference.tables import DIRECTORY, read_tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person's post or a team; at least one of the ways to reach it is given."""

    name: str
    group: str
    about: str
    mail: str = ""
    phone: str = ""
    other: str = ""

    @property
    def ways(self) -> tuple[str, ...]:
        """How it is reached, the fastest last."""
        return tuple(way for way in (self.mail, self.phone, self.other) if way)


@cache
def load_contacts() -> tuple[Contact, ...]:
    """Return the contacts in the order of the file; PolicyDataError names what is wrong."""
    contacts = []
    for table in read_tables(DIRECTORY / "contacts.toml", "contact"):
        contact = Contact(
            name=table.text("name"),
            group=table.text("group"),
            about=table.text("about"),
            mail=table.text("mail", ""),
            phone=table.text("phone", ""),
            other=table.text("other", ""),
        )
        table.finish()
        if not contact.ways:
            raise table.error("mail", "nobody can be reached", fix="Give mail, phone or other")
        contacts.append(contact)
    return tuple(contacts)

"""A document as a file to print or to pass on: Markdown or HTML."""

import os
import re
import tempfile
from pathlib import Path

from procedures.errors import DocumentError
from procedures.library.html import html_page
from procedures.runbook.front_matter import read_front_matter
from procedures.runbook.model import Procedure
from procedures.runbook.problems import Problems

FORMATS = (".md", ".html")


def body_of(procedure: Procedure) -> str:
    """Return the Markdown of a procedure without its front matter."""
    source = re.sub(r"\r\n?", "\n", procedure.source)
    return read_front_matter(source, Problems()).body.lstrip("\n")


def markdown_of(procedure: Procedure) -> str:
    """Return a procedure as a document of its own: title and facts above what was written."""
    facts = "\n".join(f"- **{name}:** {text}" for name, text in facts_of(procedure))
    head = "\n\n".join(part for part in (procedure.summary, facts) if part)
    return f"# {procedure.title}\n\n{head}\n\n{body_of(procedure).rstrip()}\n"


def facts_of(procedure: Procedure) -> list[tuple[str, str]]:
    """Return what the front matter tells a reader, each with a name; only what is given."""
    minutes = procedure.duration.total_seconds() / 60 if procedure.duration else 0
    facts = [
        ("Alerts", ", ".join(procedure.when)),
        ("Severity", ", ".join(procedure.severity)),
        ("Methods", ", ".join(method.value for method in procedure.methods)),
        ("Takes", f"{minutes:g} minutes" if minutes else ""),
        ("Roles", ", ".join(procedure.roles)),
        ("Inputs", ", ".join(procedure.inputs)),
        ("Undone by", procedure.rollback),
        ("Reviewed", str(procedure.reviewed) if procedure.reviewed else ""),
    ]
    return [(name, text) for name, text in facts if text]


def rendered(title: str, markdown: str, suffix: str) -> str:
    """Return a document in the form that a file's suffix asks for.

    Raises:
        DocumentError: There is no such form.
    """
    match suffix.lower():
        case ".md":
            return markdown
        case ".html":
            return html_page(title, markdown)
    raise DocumentError(
        f"'{suffix}' is no form of a document", fix=f"End the name in {' or '.join(FORMATS)}"
    )


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet, whole or not at all; blocks.

    Raises:
        DocumentError: There is a file already, or none can be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        partial = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            partial.chmod(0o644)
            path.hardlink_to(partial)
        finally:
            partial.unlink(missing_ok=True)
    except FileExistsError as error:
        raise DocumentError(f"{path} exists already", fix="Choose another name") from error
    except OSError as error:
        raise DocumentError(
            f"{path} cannot be written: {error.strerror}", fix="Choose another place"
        ) from error

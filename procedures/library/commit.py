"""What Git knows of a document's last change."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """Who changed a document last, and why; ``changed`` if the file differs from it."""

    hash: str
    at: datetime
    author: str
    subject: str
    changed: bool = False

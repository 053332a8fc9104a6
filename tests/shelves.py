"""Documents for tests of the library."""

from pathlib import Path

DOCUMENT = """\
---
id: {id}
title: {title}
theme: {theme}
summary: {summary}
when: [{when}]
severity: [{severity}]
roles: [{roles}]
---

{prose}

## One

### Look

```sh
{command}
```
"""


def write(
    place: Path,
    id: str,
    *,
    title: str = "",
    theme: str = "cache",
    summary: str = "A summary.",
    when: str = "",
    severity: str = "P3",
    roles: str = "on-call",
    prose: str = "Some prose.",
    command: str = "true",
) -> Path:
    folder = place / theme
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{id}.md"
    path.write_text(
        DOCUMENT.format(
            id=id,
            title=title or id.replace("-", " ").capitalize(),
            theme=theme,
            summary=summary,
            when=when,
            severity=severity,
            roles=roles,
            prose=prose,
            command=command,
        )
    )
    return path

"""``docker-compose`` for machines that have only the plugin ``docker compose``; blocks."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from procedures.environment import Environment, Method

_SCRIPT = '#!/bin/sh\nexec docker compose "$@"\n'


def with_compose(
    environment: Environment, folder: Path, *, variables: Mapping[str, str] = os.environ
) -> Environment:
    """Return the environment with a ``docker-compose`` on its steps' PATH.

    Documents write ``docker-compose``. Where only Docker's plugin is installed, a script in
    ``folder`` passes the words on to it; where there is the program, or no Docker at all, nothing
    changes.

    Args:
        environment: Whose steps are to find it.
        folder: A directory of the console's own.
        variables: The operator's environment.
    """
    if environment.method is not Method.DOCKER:
        return environment
    places = [*map(str, environment.step_path), variables.get("PATH", os.defpath)]
    path = os.pathsep.join(places)
    if shutil.which("docker-compose", path=path) or not shutil.which("docker", path=path):
        return environment
    script = folder / "docker-compose"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not script.exists() or script.read_text() != _SCRIPT:
            script.write_text(_SCRIPT)
        script.chmod(0o755)
    except OSError:  # the step will say that docker-compose is missing
        return environment
    return replace(environment, step_path=(*environment.step_path, folder))

"""References to variables in scripts and assertions, and the inputs that operators give."""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from procedures.errors import RunError
from procedures.runbook.model import Input, Procedure

_REFERENCE = re.compile(r"\$(?:\{#?)?([A-Za-z_][A-Za-z0-9_]*)")


def referenced(script: str, variables: Mapping[str, str]) -> dict[str, str]:
    """Return those of ``variables`` that ``script`` mentions, in the order of their mention."""
    names = dict.fromkeys(_REFERENCE.findall(script))
    return {name: variables[name] for name in names if name in variables}


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Return ``text`` with ``$NAME`` and ``${NAME}`` replaced; RunError for an unknown name."""

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name not in variables:
            raise RunError(f"${name} is not known here", fix=f"Give {name} among the facts")
        return variables[name]

    return re.sub(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))", value, text)


def validate_inputs(procedure: Procedure, values: Mapping[str, str]) -> Mapping[str, str]:
    """Return ``values`` completed by defaults; RunError listing all that is wrong with them."""
    problems = [
        f"{name}: there is no such input" for name in values if name not in procedure.inputs
    ]
    accepted: dict[str, str] = {}
    for name, asked in procedure.inputs.items():
        value = values.get(name, asked.default)
        if value is None:
            problems.append(f"{name}: a value is needed")
            continue
        if problem := _problem(asked, value):
            problems.append(f"{name}: {problem}")
        accepted[name] = value
    if problems:
        raise RunError(
            f"{procedure.id} cannot begin: {'; '.join(problems)}", fix="Correct these inputs"
        )
    return MappingProxyType(accepted)


def public_inputs(procedure: Procedure, values: Mapping[str, str]) -> Mapping[str, str]:
    """Return those of ``values`` that may be recorded and shown."""
    secret = secret_inputs(procedure, values)
    return MappingProxyType({name: value for name, value in values.items() if name not in secret})


def secret_inputs(procedure: Procedure, values: Mapping[str, str]) -> Mapping[str, str]:
    """Return those of ``values`` that must not be, for the procedure declares them secret."""
    return MappingProxyType(
        {
            name: value
            for name, value in values.items()
            if name in procedure.inputs and procedure.inputs[name].secret
        }
    )


def _problem(asked: Input, value: str) -> str:
    if "\0" in value or "\n" in value:
        return "it must be one line"
    if not value.strip() and asked.default is None:
        return "a value is needed"
    match asked.type:
        case "integer":
            return _integer_problem(asked, value)
        case "choice" if value not in asked.choices:
            return f"{value!r} is none of {', '.join(asked.choices)}"
        case "path" if not value:
            return "a path is needed"
        case "path" if asked.must_exist and not Path(value).exists():
            return f"{value} does not exist"
    return ""


def _integer_problem(asked: Input, value: str) -> str:
    told = "it" if asked.secret else value
    # int() also takes " 3_0 ", which a command would not.
    if not re.fullmatch(r"[+-]?[0-9]+", value):
        return f"{'it' if asked.secret else repr(value)} is not a whole number"
    if asked.minimum is not None and int(value) < asked.minimum:
        return f"{told} is less than {asked.minimum}"
    if asked.maximum is not None and int(value) > asked.maximum:
        return f"{told} is more than {asked.maximum}"
    return ""

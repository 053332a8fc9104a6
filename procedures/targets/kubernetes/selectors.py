"""Label selectors as API objects write them; pure."""

from procedures.targets.kubernetes.fields import Json, field, part, parts, text


def selects(selector: Json, labels: Json) -> bool:
    """Tell whether a selector matches labels; an empty one matches all."""
    wanted = part(selector, "matchLabels")
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    return all(_holds(each, labels) for each in parts(selector, "matchExpressions"))


def _holds(expression: Json, labels: Json) -> bool:
    key = text(expression, "key")
    values = field(expression, "values")
    listed = values if isinstance(values, list) else []
    match expression.get("operator"):
        case "In":
            return labels.get(key) in listed
        case "NotIn":
            return labels.get(key) not in listed
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case _:
            return False

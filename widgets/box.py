"""A place for other widgets."""

from textual.widget import Widget


class Box(Widget):
    """Holds widgets as its style lays them out, and draws nothing.

    The framework's own containers bring scrolling and its keys along, which costs the first paint
    some milliseconds.
    """

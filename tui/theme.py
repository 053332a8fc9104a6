"""The console's colours: few, calm, and told apart by people who see red and green alike."""

from textual.theme import Theme

QUARTERDECK = Theme(
    name="quarterdeck",
    primary="#5fafff",
    secondary="#87d7d7",
    accent="#af87ff",
    foreground="#d7dde5",
    background="#0c1118",
    surface="#1a222d",
    panel="#222c39",
    success="#5fd787",
    warning="#ffd75f",
    error="#ff5f5f",
    dark=True,
)

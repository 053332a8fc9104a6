"""The procedures at hand: found, indexed, searched, and opened one at a time."""

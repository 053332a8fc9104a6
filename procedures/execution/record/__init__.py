"""Runs between memory, ledger and folder, and the people at their consoles."""

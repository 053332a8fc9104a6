"""Checks: what a document asserts, held against the world."""

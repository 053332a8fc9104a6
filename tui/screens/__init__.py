"""Whole-terminal views: each builds its widgets and hands them their share of the snapshot."""

"""Secrets, and how they are taken out of all that is shown or kept."""

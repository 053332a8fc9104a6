"""A rehearsal: a run as it would go, without being taken."""

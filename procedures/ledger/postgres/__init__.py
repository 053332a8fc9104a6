"""The ledger that a team shares, in a PostgreSQL database."""

"""The sandbox's PostgreSQL: its client programs, over databases that are SQLite files."""

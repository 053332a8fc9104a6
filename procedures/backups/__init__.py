"""The backups: found, held against their schedules and the recovery point, read through."""

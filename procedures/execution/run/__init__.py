"""A run as plain values: what each event makes of it, and the way back; pure."""

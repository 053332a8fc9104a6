"""What the console acts on: one small protocol, one adapter for each deployment method."""

"""How many replicas the sandbox has; apart, for commands that need nothing else of the fleet."""

REPLICAS = 3

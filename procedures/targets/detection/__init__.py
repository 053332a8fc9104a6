"""Finding the service on this machine and on what its tools reach."""

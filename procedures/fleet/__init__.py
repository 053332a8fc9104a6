"""Many environments and targets at once: who they are, how each is, which is worst."""

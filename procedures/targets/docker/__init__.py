"""A compose project of a Docker engine as a target."""

"""Deployments in Kubernetes: what the API server says, and the command lines for ``kubectl``."""

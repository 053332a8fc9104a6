"""The sandbox as a Docker engine and as a Kubernetes API, for clients that speak to those."""

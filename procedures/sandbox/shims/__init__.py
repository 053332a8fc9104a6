"""Stand-ins for docker, kubectl, systemctl and their kin, answered by the sandbox."""

"""All commands whose verb decides, by name."""

from procedures.risk.container_verbs import COMPOSE_TOOL, DOCKER, HELM, KUBECTL
from procedures.risk.system_verbs import (
    CERTBOT,
    GIT,
    PACKAGES,
    PATRONI,
    STATUS_TOOLS,
    SYSTEMCTL,
    TERRAFORM,
)

COMPOSE = "docker-compose"
"""The table that ``docker compose`` shares."""

TOOLS = {
    **STATUS_TOOLS,
    **dict.fromkeys(("kubectl", "oc"), KUBECTL),
    COMPOSE: COMPOSE_TOOL,
    **dict.fromkeys(("docker", "podman"), DOCKER),
    "systemctl": SYSTEMCTL,
    "helm": HELM,
    "git": GIT,
    **dict.fromkeys(("terraform", "tofu"), TERRAFORM),
    "certbot": CERTBOT,
    "patronictl": PATRONI,
    **dict.fromkeys(("apt", "apt-get", "dnf", "yum"), PACKAGES),
}
"""Commands whose verb decides."""

"""The service account of the pod that the console itself runs in; blocks."""

import os
from collections.abc import Mapping
from pathlib import Path

from procedures.environment import TargetAddress
from procedures.targets.addresses import NAMESPACE
from procedures.targets.kubernetes.access import Access
from procedures.targets.kubernetes.kubeconfig import Entry

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


def access_within(
    address: TargetAddress,
    *,
    variables: Mapping[str, str] = os.environ,
    account: Path = ACCOUNT,
) -> Access | None:
    """Return how the API server is reached from within the cluster; None outside of one."""
    host = variables.get("KUBERNETES_SERVICE_HOST", "")
    port = variables.get("KUBERNETES_SERVICE_PORT", "443")
    if not host or not (account / "token").is_file():
        return None
    try:
        own = (account / "namespace").read_text().strip()
    except OSError:
        own = ""
    return Access(
        context="",
        namespace=address.namespace or own or NAMESPACE,
        server=f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}",
        cluster=Entry(folder=account, value={"certificate-authority": "ca.crt"}),
        user=Entry(folder=account, value={"tokenFile": "token"}),
        who="the service account of this pod",
    )

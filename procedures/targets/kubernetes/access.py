"""Which cluster is asked, as whom, and in which namespace; pure."""

from dataclasses import dataclass
from pathlib import Path

from procedures.environment import TargetAddress
from procedures.errors import SourceError
from procedures.targets.addresses import NAMESPACE
from procedures.targets.kubernetes.fields import text
from procedures.targets.kubernetes.kubeconfig import Entry, Kubeconfig

_NOBODY = Entry(folder=Path("/"), value={})
_FILES = ("certificate-authority",)
_USER_FILES = ("client-certificate", "client-key", "tokenFile")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What the kubeconfig says of one context.

    Attributes:
        context: Its name; empty within a cluster, where there is none.
        namespace: Where is looked.
        server: Address of the API server.
        cluster: How to trust it.
        user: How to be known by it.
        who: Name of the user in the kubeconfig.
    """

    context: str
    namespace: str
    server: str
    cluster: Entry
    user: Entry
    who: str = ""

    @property
    def files(self) -> tuple[Path, ...]:
        """Return the files with certificates and tokens that the kubeconfig names."""
        found = [self.cluster.path(each) for each in _FILES]
        found += [self.user.path(each) for each in _USER_FILES]
        return tuple(path for path in found if path is not None)


def access_of(address: TargetAddress, config: Kubeconfig, began_with: str) -> Access:
    """Return what is said of the context that is meant.

    Args:
        address: Which context and namespace, where the settings name them.
        config: All files as one.
        began_with: The context at the first question; empty if this is it.
    """
    where = ", ".join(map(str, config.files))
    context = address.context or config.current
    if not address.context and began_with and config.current != began_with:
        now = f"names {config.current} as its context now" if config.current else "names no context"
        raise SourceError(
            f"{where} {now}, but this console began with {began_with}",
            fix=f"Set `context` in the settings, or `kubectl config use-context {began_with}`",
        )
    there = ", ".join(sorted(config.contexts)) or "none"
    if not context:
        raise SourceError(
            f"{where} has no current context",
            fix=f"Set `context` in the settings to one of those that are there: {there}",
        )
    if context not in config.contexts:
        raise SourceError(
            f"there is no context {context} in {where}; those that are there: {there}",
            fix="Set `context` in the settings to one of them, or log in to the cluster",
        )
    entry = config.contexts[context]
    cluster = config.clusters.get(text(entry.value, "cluster"))
    if cluster is None or not text(cluster.value, "server"):
        raise SourceError(
            f"context {context} in {where} names a cluster without an address: "
            f"{text(entry.value, 'cluster') or 'none'}",
            fix="Log in to the cluster again, so that its entry is written anew",
        )
    who = text(entry.value, "user")
    if who and who not in config.users:
        raise SourceError(
            f"context {context} in {where} names a user that is not there: {who}",
            fix="Log in to the cluster again, so that its entry is written anew",
        )
    return Access(
        context=context,
        namespace=address.namespace or text(entry.value, "namespace") or NAMESPACE,
        server=text(cluster.value, "server").rstrip("/"),
        cluster=cluster,
        user=config.users.get(who, _NOBODY),
        who=who,
    )

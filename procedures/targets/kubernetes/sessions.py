"""The newest session: made anew when files change, a credential expires or is not accepted."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from time import monotonic

from procedures.clock import Clock
from procedures.environment import TargetAddress
from procedures.errors import SourceError
from procedures.targets.addresses import NAMESPACE
from procedures.targets.kubernetes import kubeconfig
from procedures.targets.kubernetes.access import Access, access_of
from procedures.targets.kubernetes.credentials import credentials_of
from procedures.targets.kubernetes.in_cluster import access_within
from procedures.targets.kubernetes.session import Session, client_of

_RENEW_BEFORE = timedelta(seconds=10)


class Sessions:
    """Hands out the session with the newest credentials.

    Args:
        address: Which context and namespace.
        variables: Where the kubeconfig is found, and the environment of its plugins.
        clock: What time it is.

    Attributes:
        current: The last one that was handed out; None before the first.
    """

    def __init__(self, address: TargetAddress, variables: Mapping[str, str], clock: Clock) -> None:
        self.current: Session | None = None
        self._address = address
        self._variables = variables
        self._clock = clock
        self._began_with = ""
        self._namespace = address.namespace
        self._stamp: kubeconfig.Stamp = ()
        self._lock = asyncio.Lock()

    @property
    def context(self) -> str:
        """The context that is asked; empty while nobody knows it."""
        return self._address.context or self._began_with

    @property
    def namespace(self) -> str:
        """The namespace; before the first question, as far as it is known."""
        return self._namespace or NAMESPACE

    async def aclose(self) -> None:
        """Retire the present one; a later question makes a new one."""
        current, self.current = self.current, None
        self._stamp = ()
        if current is not None:
            await current.retire()

    async def newest(self, unaccepted: Session | None = None, asked_at: float = 0.0) -> Session:
        """Return the client with the newest credentials.

        Args:
            unaccepted: The one whose credentials were refused just now; None if none were.
            asked_at: When it was asked by it: of several questions that are refused together
                only the first looks for newer credentials.
        """
        async with self._lock:
            stamp = await asyncio.to_thread(self._stamp_of_files)
            current = self.current
            if current is not None and stamp == self._stamp:
                if unaccepted is not current and not self._expires(current):
                    return current
                if unaccepted is current and _was_checked_since(current, asked_at):
                    return current
            renewed = await self._renewed(anew=unaccepted is current)
            # First, so that whoever is cancelled from here on leaves nothing closed behind.
            self.current = renewed
            if renewed is current:
                renewed.rechecked_at = monotonic()
            elif current is not None:
                await current.retire()
            access = renewed.access
            self._began_with = self._began_with or access.context
            self._namespace = access.namespace
            self._stamp = await asyncio.to_thread(self._stamp_of_files)
            return renewed

    async def _renewed(self, *, anew: bool) -> Session:
        """Return a client for what the kubeconfig says now: the present one if that is the same.

        Args:
            anew: Run a credential plugin again also if what it gave has not expired.
        """
        access = await asyncio.to_thread(self._access)
        current = self.current
        kept = None
        if current and current.access == access and not anew and not self._expires(current):
            kept = current.credentials.granted
        credentials = await credentials_of(access, self._variables, kept)
        if current and (current.access, current.credentials) == (access, credentials):
            return current
        client = await asyncio.to_thread(client_of, access, credentials, self._variables)
        return Session(access, credentials, client)

    def _access(self) -> Access:
        files = kubeconfig.files_of(self._address.kubeconfig, self._variables)
        config = kubeconfig.read(files)
        if config is not None:
            return access_of(self._address, config, self._began_with)
        if self._address.kubeconfig is None and not self._address.context:
            within = access_within(self._address)
            if within is not None:
                return within
        raise SourceError(
            f"there is no kubeconfig: {', '.join(map(str, files))}",
            fix="Log in to the cluster, or set `kubeconfig` in the settings",
        )

    def _stamp_of_files(self) -> kubeconfig.Stamp:
        files = kubeconfig.files_of(self._address.kubeconfig, self._variables)
        further = self.current.access.files if self.current else ()
        return kubeconfig.stamp_of([*files, *further])

    def _expires(self, session: Session) -> bool:
        granted = session.credentials.granted
        if granted is None or granted.expires_at is None:
            return False
        return granted.expires_at - _RENEW_BEFORE <= self._clock.now()


def _was_checked_since(session: Session, asked_at: float) -> bool:
    return session.rechecked_at is not None and session.rechecked_at >= asked_at

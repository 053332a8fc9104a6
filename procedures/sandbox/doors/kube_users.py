"""Who asks the Kubernetes API, and what they may; pure."""

import secrets
from dataclasses import dataclass

from procedures.sandbox.doors.kube_status import unauthorized

ANONYMOUS, ADMIN, VIEWER = "system:anonymous", "sandbox", "viewer"
_PUBLIC = ("/version", "/healthz", "/livez", "/readyz")
_LOOKING = frozenset({"get", "list", "watch"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The bearer tokens of the users."""

    admin: str
    viewer: str

    def user(self, path: str, authorization: str) -> tuple[str, str]:
        """Return who asks, and the path without what tells that.

        The token comes as a header or, from clients that send none to a server without TLS, as
        first part of the path: the server's address is then ``http://127.0.0.1:1234/TOKEN``.
        """
        first, _, rest = path.lstrip("/").partition("/")
        if user := self._known(first):
            return user, f"/{rest}"
        if not authorization:
            return ANONYMOUS, path
        user = self._known(authorization.removeprefix("Bearer "))
        if user is None:
            raise unauthorized()
        return user, path

    def _known(self, token: str) -> str | None:
        for known, user in ((self.admin, ADMIN), (self.viewer, VIEWER)):
            if secrets.compare_digest(token.encode(), known.encode()):
                return user
        return None


def may(user: str, verb: str, plural: str, part: str) -> bool:
    """Tell whether a user may do something to a resource."""
    if user == ADMIN:
        return True
    looks = verb in _LOOKING and plural != "secrets" and part != "exec"
    return user == VIEWER and (looks or plural == "selfsubjectaccessreviews")


def may_see(user: str, path: str) -> bool:
    """Tell whether a user may look at what is no resource."""
    return user != ANONYMOUS or path.startswith(_PUBLIC)

"""What the sandbox's Kubernetes API is made of."""

import pytest

from procedures.sandbox.doors import kube_lists
from procedures.sandbox.doors.kube_path import NoGroupError, asked, verb
from procedures.sandbox.doors.kube_select import selects
from procedures.sandbox.doors.kube_status import Refused
from procedures.sandbox.doors.kube_users import ADMIN, ANONYMOUS, VIEWER, Tokens, may

POD = {
    "metadata": {"name": "a", "labels": {"app": "x", "tier": "api"}},
    "status": {"phase": "Running"},
}


@pytest.mark.parametrize(
    ("labels", "fields", "chosen"),
    [
        ("", "", True),
        ("app=x", "", True),
        ("app==x,tier!=db", "", True),
        ("app!=x", "", False),
        ("app in (x,y),tier notin (db)", "", True),
        ("app notin (x)", "", False),
        ("tier,!colour", "", True),
        ("!tier", "", False),
        ("", "status.phase=Running,metadata.name!=b", True),
        ("", "metadata.name=b", False),
        ("", "spec.nodeName=", True),
    ],
)
def test_selectors_choose_as_the_server_does(labels: str, fields: str, chosen: bool) -> None:
    assert selects(labels, fields)(POD) is chosen


@pytest.mark.parametrize(("labels", "fields"), [("a===b", ""), ("a in x", ""), ("", "name")])
def test_a_selector_that_is_none_is_a_bad_request(labels: str, fields: str) -> None:
    with pytest.raises(Refused) as told:
        selects(labels, fields)
    assert told.value.code == 400


@pytest.mark.parametrize(
    ("path", "plural", "namespace", "name", "part"),
    [
        ("/api/v1/pods", "pods", "", "", ""),
        ("/api/v1/namespaces", "namespaces", "", "", ""),
        ("/api/v1/namespaces/n", "namespaces", "", "n", ""),
        ("/api/v1/namespaces/n/pods/p/log", "pods", "n", "p", "log"),
        ("/apis/apps/v1/namespaces/n/deployments/d", "deployments", "n", "d", ""),
    ],
)
def test_a_path_says_what_is_asked_for(
    path: str, plural: str, namespace: str, name: str, part: str
) -> None:
    found = asked(path)
    assert found.resource is not None
    assert (found.resource.plural, found.namespace) == (plural, namespace)
    assert (found.name, found.part) == (name, part)


def test_a_path_may_name_what_is_not_there() -> None:
    assert asked("/api/v1/namespaces/n/nopes").resource is None
    assert asked("/api/v1/namespaces/n/pods/p/nope").resource is None
    with pytest.raises(NoGroupError):
        asked("/apis/nope.example.com/v1/pods")


@pytest.mark.parametrize(
    ("method", "name", "watch", "found"),
    [
        ("GET", "", False, "list"),
        ("GET", "a", False, "get"),
        ("GET", "", True, "watch"),
        ("PATCH", "a", False, "patch"),
    ],
)
def test_a_request_is_a_verb(method: str, name: str, watch: bool, found: str) -> None:
    assert verb(method, name, watch=watch) == found


TOKENS = Tokens(admin="one", viewer="two")


@pytest.mark.parametrize(
    ("path", "authorization", "user"),
    [
        ("/version", "Bearer one", ADMIN),
        ("/version", "Bearer two", VIEWER),
        ("/version", "", ANONYMOUS),
        ("/one/version", "", ADMIN),
        ("/two/version", "", VIEWER),
    ],
)
def test_a_token_tells_who_asks(path: str, authorization: str, user: str) -> None:
    assert TOKENS.user(path, authorization) == (user, "/version")


def test_a_wrong_token_is_not_nobody() -> None:
    with pytest.raises(Refused) as told:
        TOKENS.user("/version", "Bearer three")
    assert told.value.code == 401


def test_a_viewer_may_look_and_nothing_else() -> None:
    assert may(VIEWER, "list", "pods", "")
    assert not may(VIEWER, "list", "secrets", "")
    assert not may(VIEWER, "get", "pods", "exec")
    assert not may(VIEWER, "patch", "deployments", "scale")


@pytest.mark.parametrize("text", ["abc", "-1"])
def test_a_version_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Refused) as told:
        kube_lists.version_of(text, 10)
    assert told.value.code == 500

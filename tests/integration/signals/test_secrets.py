from pathlib import Path

import pytest

from procedures.environment import Endpoint, Secret
from procedures.errors import SourceError
from procedures.signals.secrets import credentials_of, resolve


def test_a_secret_comes_from_where_the_settings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "token"
    path.write_text("from-file\n")
    monkeypatch.setenv("TOKEN", "from-env")
    assert resolve(Secret(env="TOKEN")) == "from-env"
    assert resolve(Secret(file=path)) == "from-file"
    assert resolve(Secret(command=("echo", "from-command"))) == "from-command"
    assert resolve(Secret(inline="inline")) == "inline"


@pytest.mark.parametrize(
    ("secret", "complaint"),
    [
        (Secret(env="NOT_SET_ANYWHERE"), "environment variable NOT_SET_ANYWHERE is empty"),
        (Secret(file=Path("/does/not/exist")), "file /does/not/exist cannot be read"),
        (Secret(command=("false",)), "command false ended with status 1"),
        (Secret(command=("true",)), "command true is empty"),
        (Secret(command=("/no/such/program",)), "command /no/such/program cannot be run"),
        (Secret(), "settings entry is empty"),
    ],
)
def test_a_secret_that_is_missing_names_its_place(secret: Secret, complaint: str) -> None:
    with pytest.raises(SourceError) as caught:
        resolve(secret)
    assert complaint in caught.value.what
    assert caught.value.fix


def test_what_a_failing_command_printed_stays_unsaid() -> None:
    with pytest.raises(SourceError) as caught:
        resolve(Secret(command=("sh", "-c", "printf hunter; echo 2; exit 3")))
    assert "hunter2" not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_basic_credentials_are_a_pair() -> None:
    endpoint = Endpoint(url="http://x", username="ops", password=Secret(inline="p"))
    assert credentials_of(endpoint) == ("", (b"ops", b"p"))

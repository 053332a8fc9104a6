"""Where settings and state are looked for."""

from pathlib import Path

import pytest

from tui.settings.paths import settings_path, state_dir


def test_the_option_goes_before_the_variable_and_that_before_the_home(tmp_path: Path) -> None:
    variables = {"QUARTERDECK_CONFIG": "/q.toml", "XDG_CONFIG_HOME": "/x", "HOME": str(tmp_path)}
    assert settings_path(Path("/o.toml"), variables) == Path("/o.toml")
    assert settings_path(None, variables) == Path("/q.toml")
    del variables["QUARTERDECK_CONFIG"]
    assert settings_path(None, variables) == Path("/x/quarterdeck/settings.toml")
    del variables["XDG_CONFIG_HOME"]
    assert settings_path(None, variables) == tmp_path / ".config/quarterdeck/settings.toml"


def test_the_home_is_looked_at_when_the_xdg_directory_has_no_settings(tmp_path: Path) -> None:
    xdg, home = tmp_path / "xdg", tmp_path / "home"
    in_home = home / ".config/quarterdeck/settings.toml"
    in_home.parent.mkdir(parents=True)
    in_home.touch()
    variables = {"XDG_CONFIG_HOME": str(xdg), "HOME": str(home)}
    assert settings_path(None, variables) == in_home
    (xdg / "quarterdeck").mkdir(parents=True)
    (xdg / "quarterdeck/settings.toml").touch()
    assert settings_path(None, variables) == xdg / "quarterdeck/settings.toml"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"QUARTERDECK_STATE": "/q", "XDG_STATE_HOME": "/x"}, "/q"),
        ({"XDG_STATE_HOME": "/x"}, "/x/quarterdeck"),
        ({"XDG_STATE_HOME": "relative"}, "/h/.local/state/quarterdeck"),
        ({}, "/h/.local/state/quarterdeck"),
    ],
)
def test_the_state_directory_follows_the_variables(
    variables: dict[str, str], expected: str
) -> None:
    assert state_dir({"HOME": "/h", **variables}) == Path(expected)

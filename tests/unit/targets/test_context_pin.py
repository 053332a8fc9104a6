"""Steps stay in one cluster, whatever others do to the kubeconfig meanwhile."""

import shutil
import subprocess
from pathlib import Path

import pytest

from procedures.environment import Environment, Method, TargetAddress, Tier
from procedures.targets.context_pin import current_context, with_pinned_context

CONFIG = """\
apiVersion: v1
kind: Config
current-context: {current}
clusters:
- {{name: a, cluster: {{server: 'https://127.0.0.1:1'}}}}
contexts:
- {{name: one, context: {{cluster: a, user: u}}}}
- {{name: two, context: {{cluster: a, user: u}}}}
users:
- {{name: u, user: {{token: not-to-be-copied}}}}
"""


def environment(**address: str) -> Environment:
    target = TargetAddress(name="cluster", method=Method.KUBERNETES, **address)  # type: ignore[arg-type]
    return Environment(
        name="prod", tier=Tier.PRODUCTION, method=Method.KUBERNETES, targets=(target,)
    )


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Path:
    path = tmp_path / "config"
    path.write_text(CONFIG.format(current="one"))
    return path


def pinned(kubeconfig: Path, folder: Path, **address: str) -> Environment:
    variables = {"KUBECONFIG": str(kubeconfig)}
    return with_pinned_context(environment(**address), folder, variables=variables)


def test_the_current_context_is_kept_when_somebody_switches(
    kubeconfig: Path, tmp_path: Path
) -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not installed")
    steps = pinned(kubeconfig, tmp_path / "pins").facts
    kubeconfig.write_text(CONFIG.format(current="two"))
    asked = subprocess.run(
        [kubectl, "config", "current-context"],
        env={"KUBECONFIG": steps["KUBECONFIG"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout.strip() == "one"
    assert steps["KUBE_CONTEXT"] == "one"


def test_the_configured_context_counts_and_not_the_current_one(
    kubeconfig: Path, tmp_path: Path
) -> None:
    here = pinned(kubeconfig, tmp_path / "pins", context="two", namespace="llm")
    assert here.targets[0].context == "two"
    assert here.facts["KUBE_CONTEXT"] == "two"
    assert here.facts["NAMESPACE"] == "llm"


def test_no_credential_is_copied(kubeconfig: Path, tmp_path: Path) -> None:
    pinned(kubeconfig, tmp_path / "pins")
    (pin,) = (tmp_path / "pins").iterdir()
    assert "not-to-be-copied" not in pin.read_text()
    assert pin.stat().st_mode & 0o777 == 0o600


def test_of_several_files_the_first_that_names_one_counts(tmp_path: Path) -> None:
    silent, first, second = (tmp_path / name for name in ("silent", "first", "second"))
    silent.write_text("kind: Config\n")
    first.write_text('current-context: "one"\n')
    second.write_text("current-context: two\n")
    files = [str(tmp_path / "absent"), str(silent), str(first), str(second)]
    assert current_context(files) == "one"
    assert current_context([str(silent)]) == ""


def test_without_any_kubeconfig_nothing_changes(tmp_path: Path) -> None:
    before = environment()
    variables = {"HOME": str(tmp_path)}
    assert with_pinned_context(before, tmp_path / "pins", variables=variables) is before


def test_a_folder_that_cannot_be_written_leaves_all_as_it_is(
    kubeconfig: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    before = environment(context="two")
    variables = {"KUBECONFIG": str(kubeconfig)}
    folder = tmp_path / "file" / "pins"
    assert with_pinned_context(before, folder, variables=variables) is before

"""What a settings file may say, and what is said when it says something else."""

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.environment import Method, Tier
from procedures.errors import SettingsError
from procedures.reference.thresholds import Threshold, Worse
from tui.settings.describe import describe
from tui.settings.document import Settings, parse
from tui.settings.problems import key_lines
from tui.settings.template import TEMPLATE

PATH = Path("/etc/quarterdeck/settings.toml")
KNOWN: Mapping[str, Threshold | None] = {
    "p95-latency": Threshold(target=100, critical=200),
    "cache-hit-rate": Threshold(target=80, critical=70, worse=Worse.LOWER),
    "request-rate": None,
}
HEAD = '[environment.prod]\ntier = "production"\nmethod = "kubernetes"\n'
WATCHED = HEAD + 'health = "http://svc:8080/health"\n'
FULL = """\
default = "prod"
[environment.prod]
tier = "production"
method = "kubernetes"
job = "llm"
window = "2m"
read_only = true
health = "https://svc/health"
api = "https://svc/"
metrics = ["http://a:9090", { url = "http://b:9090", headers = { X-Team = "ops" } }]
backup_dir = "backups"
backup_max_age = "1d6h"
data_dir = "/srv/llm"
limits = { cpu_cores = 4, memory = "8GiB", storage = "100GB" }
intervals = { metrics = "2s", disk = "1m" }
thresholds = { p95-latency = { target = 150 }, request-rate = { target = 10, critical = 20 } }
facts = { NAMESPACE = "llm-config" }
[environment.prod.prometheus]
url = "https://prom:9090/base/"
bearer = { env = "PROM_TOKEN" }
ca_bundle = "/etc/ssl/ca.pem"
client_cert = "me.pem"
client_key = "me.key"
[environment.prod.alertmanager]
url = "http://am:9093"
username = "ops"
password = { command = ["pass", "show", "am"] }
[environment.dev]
tier = "development"
method = "docker"
prometheus = "http://localhost:9091"
"""


def settings(source: str, exposed: str = "") -> Settings:
    return parse(source, PATH, known=KNOWN, exposed=exposed)


def test_every_key_reaches_the_environment() -> None:
    prod = settings(FULL).environment()
    assert (prod.name, prod.tier, prod.method) == ("prod", Tier.PRODUCTION, Method.KUBERNETES)
    assert (prod.job, prod.window_s, prod.read_only) == ("llm", 120, True)
    assert prod.prometheus is not None
    assert prod.prometheus.url == "https://prom:9090/base"
    assert prod.prometheus.bearer is not None
    assert prod.prometheus.bearer.env == "PROM_TOKEN"
    assert prod.prometheus.client_cert == PATH.parent / "me.pem"
    assert prod.alertmanager is not None
    assert prod.alertmanager.password is not None
    assert prod.alertmanager.password.command == ("pass", "show", "am")
    assert [each.url for each in prod.metrics] == ["http://a:9090", "http://b:9090"]
    assert prod.metrics[1].headers == {"X-Team": "ops"}
    assert prod.health is not None
    assert prod.api is not None
    assert (prod.health.url, prod.api.url) == ("https://svc/health", "https://svc")
    assert (prod.backup_dir, prod.backup_max_age_h) == (PATH.parent / "backups", 30.0)
    assert prod.data_dir == Path("/srv/llm")
    assert (prod.limits.cpu_cores, prod.limits.memory_bytes) == (4.0, 8 * 1024**3)
    assert prod.limits.storage_bytes == 100e9
    assert (prod.intervals.metrics_s, prod.intervals.disk_s) == (2.0, 60.0)
    assert prod.intervals.health_s == 5.0
    assert prod.facts == {"NAMESPACE": "llm-config"}


def test_an_override_keeps_what_it_does_not_name() -> None:
    thresholds = settings(FULL).environment().thresholds
    assert thresholds["p95-latency"] == Threshold(target=150, critical=200)
    assert thresholds["request-rate"] == Threshold(target=10, critical=20)
    lower = settings(WATCHED + "thresholds = { cache-hit-rate = { critical = 60 } }\n")
    assert lower.environment().thresholds["cache-hit-rate"].worse is Worse.LOWER


def test_the_only_environment_is_the_default() -> None:
    assert settings(WATCHED).environment().name == "prod"


def test_an_environment_must_be_chosen_among_several_without_default() -> None:
    several = settings(FULL.removeprefix('default = "prod"\n'))
    with pytest.raises(SettingsError) as refused:
        several.environment()
    assert refused.value.fix == "Choose with --environment: prod, dev"


def test_a_misspelt_environment_is_answered_with_the_nearest() -> None:
    with pytest.raises(SettingsError) as refused:
        settings(FULL).environment("prd")
    assert "no environment 'prd'" in refused.value.what
    assert refused.value.fix == "Did you mean 'prod'?"


@pytest.mark.parametrize(
    ("line", "said", "advised"),
    [
        ('healht = "x"', "5: environment.prod.healht: is not a key", "Did you mean 'health'?"),
        ("job = 5", "job: must be a string, not a number", "Put it in quotes"),
        ('job = ""', "job: is empty", "Give it a value"),
        ('read_only = "yes"', "must be true or false, not a string", "without quotes"),
        ('window = "5 minutes"', "window: '5 minutes' is no duration", '"1h30m"'),
        ('window = "1s"', "window: '1s' is out of range", '"15s"'),
        ('intervals = { metrics = "0.1s" }', "intervals.metrics: '0.1s' is out of range", '"1s"'),
        ('intervals = { metric = "5s" }', "intervals.metric: is not a key", "'metrics'"),
        ('limits = { memory = "2 gigs" }', "limits.memory: '2 gigs' is no size", "2GiB"),
        ("limits = { cpu_cores = 0 }", "cpu_cores: must be more than nothing", "may use"),
        ("limits = { cpu_cores = nan }", "cpu_cores: must be a finite number", "99.5"),
        ("limits = 5", "limits: must be a table, not a number", "limits = {"),
        ('api = "svc:8080"', "api: is no HTTP address", "https://"),
        ('api = "ftp://svc"', "api: is no HTTP address", "https://"),
        ('api = "http://svc:99999"', "api: is no address", "https://"),
        ('api = "http://svc?token=s3cret"', "api: has a query", "Leave out"),
        ('api = "http://u:s3cret@svc"', "a user name or password in the address", "`password`"),
        ('api = "http://svc/api/v1"', "ends in /api/v1", 'Write "http://svc"'),
        ('metrics = ["http://svc/metrics"]', "ends in /metrics", 'Write "http://svc"'),
        ('metrics = "http://svc"', "metrics: must be an array, not a string", "brackets"),
        ("alertmanager = 9093", "must be an address or a table with a url", "alertmanager ="),
        ("alertmanager = {}", "alertmanager.url: is missing", "Add url"),
        ('alertmanager = {url = "http://a", username = "u"}', "needs `password`", "Add password"),
        ('alertmanager = {url = "http://a", client_key = "k"}', "needs `client_cert`", "Add"),
        ('alertmanager = {url = "http://a", bearer = 5}', "name one place", "env ="),
        ('alertmanager = {url = "http://a", bearer = {}}', "name one place", "env ="),
        ('alertmanager = {url = "http://a", bearer = {evn = "A"}}', "evn: is not a key", "'env'"),
        ('alertmanager = {url = "http://a", bearer = {env = "a b"}}', "no name of a var", "PROM"),
        ('alertmanager = {url = "http://a", bearer = {command = "p"}}', "list of words", "pass"),
        ('alertmanager = {url = "http://a", bearer = {command = []}}', "list of words", "pass"),
        ('alertmanager = {url = "http://a", headers = {"A B" = "x"}}', "no header name", "letters"),
        (
            'alertmanager = {url = "http://a", headers = {A = "x\\ny"}}',
            "more than one line",
            "one line",
        ),
        ('alertmanager = {url = "http://a", headers = {A = "é"}}', "of plain ASCII", "one line"),
        ("thresholds = { latency = {} }", "thresholds.latency: is no indicator", "'p95-latency'"),
        ("thresholds = { p95-latency = {target = 300} }", "300 is not below critical 200", "below"),
        ("thresholds = { cache-hit-rate = {target = 60} }", "60 is not above", "above"),
        ("thresholds = { request-rate = {target = 60} }", "no thresholds of its own", "both"),
        ('facts = { "MY NAME" = "x" }', "MY NAME: is no name of a variable", "capitals"),
        ("facts = { REPLICAS = 3 }", "facts.REPLICAS: must be a string", "quotes"),
    ],
)
def test_a_refusal_names_file_and_key_and_what_would_be_right(
    line: str, said: str, advised: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        settings(f"{WATCHED}{line}\n")
    assert refused.value.what.startswith(f"{PATH}:")
    assert "environment.prod" in refused.value.what
    assert said in refused.value.what
    assert advised in refused.value.fix
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("source", "said", "advised"),
    [
        ("", "holds no environment", "[environment.production]"),
        (f'default = "dev"\n{WATCHED}', ":1: default: 'dev' is no environment", "Use one of: prod"),
        (f"colour = 1\n{WATCHED}", ":1: colour: is not a key", "environment"),
        ("[environment.prod]\ntier =\n", "is not valid TOML", "line"),
        (WATCHED.replace("production", "prodction"), "'prodction' is no tier", "'production'"),
        (WATCHED.replace("production", "sandbox"), "'sandbox' is no tier", "production"),
        (HEAD, ":1: environment.prod: names nothing to watch", "health"),
        ('[environment."a b"]\n' + WATCHED.split("\n", 1)[1], "is no name for", "letters"),
    ],
)
def test_a_refusal_of_the_whole_file_says_where_to_begin(
    source: str, said: str, advised: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        settings(source)
    assert said in refused.value.what
    assert advised in refused.value.fix


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    with pytest.raises(SettingsError) as refused:
        settings('[environment.prod]\nwindow = "x"\njob = 1\nmetod = "docker"\n')
    told = [line for line in refused.value.what.splitlines() if line.startswith(f"  {PATH}")]
    assert refused.value.what.startswith(f"{PATH} has 6 problems")
    assert [line.split(":")[1] for line in told] == ["1", "1", "1", "2", "3", "4"]


def test_a_secret_in_a_file_that_others_can_read_is_refused_with_the_command_to_run() -> None:
    bearer = 'prometheus = { url = "http://p", bearer = "s3cret" }\n'
    header = 'alertmanager = { url = "http://a", headers = { X-Api-Key = "s3cret" } }\n'
    for line in (bearer, header):
        assert settings(WATCHED + line).default == "prod"
        with pytest.raises(SettingsError) as refused:
            settings(WATCHED + line, exposed="Run: chmod 600 F")
        assert "is a secret in a file that others can read" in refused.value.what
        assert refused.value.fix == "Run: chmod 600 F"
    assert settings(FULL, exposed="Run: chmod 600 F").default == "prod"


def test_no_secret_is_ever_shown() -> None:
    source = WATCHED + (
        'prometheus = { url = "http://p", bearer = "s3cret" }\n'
        'alertmanager = { url = "http://a", headers = { X-Api-Key = "s3cret" } }\n'
    )
    read = settings(source)
    assert "s3cret" not in repr(read)
    assert "s3cret" not in describe(read)
    assert "bearer from the settings file" in describe(read)
    assert "headers X-Api-Key" in describe(read)


def test_the_description_shows_where_each_secret_comes_from() -> None:
    text = describe(settings(FULL), "prod")
    assert "https://prom:9090/base; bearer from $PROM_TOKEN" in text
    assert "user ops, password from command pass" in text
    assert "environment dev" not in text


def test_the_template_is_a_settings_file_also_with_every_comment_taken_away() -> None:
    assert settings(TEMPLATE).environment().name == "local"
    uncommented = re.sub(r"^# (?=\[|[\w-]+ = )", "", TEMPLATE, flags=re.MULTILINE)
    plain = uncommented.replace('prometheus = "http://localhost:9091"\n', "")
    local = settings(plain).environment()
    assert (local.read_only, local.job, local.intervals.backups_s) == (
        True,
        "llm-config-manager",
        60.0,
    )
    assert local.prometheus is not None
    assert local.prometheus.headers == {"X-Scope-OrgID": "team"}


@given(st.text())
def test_any_text_is_settings_or_a_settings_error(source: str) -> None:
    with suppress(SettingsError):
        assert settings(source).environments


def test_a_line_is_found_past_strings_that_look_like_keys() -> None:
    source = 'a = """\nb = 1\n[c]\n"""\n["d e".f]\ng.h = 2\n'
    assert key_lines(source) == {("a",): 1, ("d e", "f"): 5, ("d e", "f", "g", "h"): 6}


def test_a_policy_is_found_from_the_settings_file_on() -> None:
    assert settings(WATCHED).policy is None
    named = settings('policy = "policy.toml"\n' + WATCHED)
    assert named.policy == PATH.parent / "policy.toml"
    assert f"policy   {named.policy}" in describe(named)
    assert "policy   (that of the machine)" in describe(settings(WATCHED))

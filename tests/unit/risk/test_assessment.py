"""A command is never judged milder than it is; what cannot be read is judged worst."""

import shlex
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.reference.levels import Level
from procedures.risk.assessment import assess

READS = [
    'curl -sS --max-time 5 "$HEALTH"',
    "curl -s -o /dev/null -w '%{http_code}' \"$API/api/v1/configs/a/b?env=production\"",
    "curl -sSG --data-urlencode 'query=up' http://localhost:9091/api/v1/query",
    "curl -sS \"$METRICS/metrics\" | grep -E '^(cache_hits_total|cache_misses_total)'",
    "jq -r '.checks | to_entries[] | .key' < health.json",
    "awk '$3 > 10 {print $1}' report",
    "sed -n '1,20p' report",
    "find /var/lib/llm-config -name '*.json' -size +1M",
    'kubectl -n "$NAMESPACE" get pods -l app=llm-config-manager -o wide',
    'kubectl get deployment x -n "$NAMESPACE" -o jsonpath={.status.readyReplicas}',
    "kubectl rollout status deployment/x --timeout=180s",
    "kubectl rollout history deployment x -n llm-config",
    "kubectl --context prod -n llm-config logs -l app=x --since=5m --tail=40",
    "kubectl exec -n llm-config postgres-0 -- pg_isready -U llm_config_user",
    "kubectl exec redis-0 -- sh -c 'REDISCLI_AUTH=\"$REDIS_PASSWORD\" redis-cli ping'",
    "docker-compose ps -a -q llm-config-manager",
    "docker compose -p x -f y.yml logs --since 5m llm-config-manager",
    "docker-compose exec -T redis redis-cli INFO memory",
    "docker inspect --format '{{.State.Health.Status}}' \"$container\"",
    "docker stats --no-stream $(docker-compose ps -q llm-config-manager)",
    "docker container ls --all",
    'systemctl show -p ActiveState,SubState "$UNIT"',
    "sudo systemctl --no-pager status llm-config-manager",
    "journalctl -u llm-config-manager --since '5 minutes ago' -n 40 --no-pager",
    "redis-cli -h localhost -p 6379 DBSIZE",
    "redis-cli CONFIG GET maxmemory",
    "sudo -u postgres psql -d llm_config -w -c 'SELECT count(*) FROM configs'",
    "psql -c '\\dt'",
    "pg_restore -l backup.dump",
    "tar -tzf backup.tar.gz",
    "for i in 1 2 3; do echo $i; sleep 1; done",
    'if [ "$(uname)" = Linux ]; then free -m; fi',
    "while read -r line; do printf '%s\\n' \"$line\"; done < report",
    "test -f /etc/llm-config/config.yaml && echo yes || echo no",
    "cat <<'EOF'\n$(rm -rf /)\nEOF\n",
    "f() { echo hello; }; f",
    "ls 2>/dev/null >&2",
    "command -v docker",
    "time curl -s http://localhost:8080/health",
    "timeout 10 df -h",
    "ssh db1 'uptime; df -h'",
    "iptables -L -n",
    "trap - EXIT",
    "aws s3 ls s3://backups",
]
CHANGES = [
    "kubectl rollout restart deployment/x",
    "kubectl rollout undo deployment/x",
    "kubectl scale deployment x --replicas=3",
    "kubectl apply -f deployment.yaml",
    "kubectl cordon node-1",
    "kubectl auth reconcile -f rbac.yaml",
    "docker-compose restart llm-config-manager",
    "docker-compose up -d --scale llm-config-manager=3",
    'for c in a b; do docker restart "$c"; done',
    "sudo systemctl restart llm-config-manager",
    "service redis restart",
    "redis-cli SET a b",
    "curl -X POST http://localhost/api -d '{}'",
    "curl --data a=b http://localhost",
    "curl $ANYTHING",
    "psql -c 'VACUUM ANALYZE'",
    "echo x >> notes",
    "frobnicate --all",
    "./deploy.sh",
    "bash deploy.sh",
    "/opt/tools/ls",
    "mkdir -p /tmp/x",
    "helm upgrade llm-config ./chart",
    "chmod 640 config.yaml",
    "cat x | tee -a notes",
]
DESTROYS = [
    "rm x",
    "'r'm x",
    "r\\m x",
    "$'rm' x",
    "/bin/rm x",
    "r\\\nm x",
    "{rm,-rf,/x}",
    "kubectl delete pod x",
    "kubectl -n llm-config scale deployment x --replicas=0",
    "kubectl scale deployment x --replicas 0",
    'kubectl scale deployment x --replicas="$n"',
    "kubectl drain node-1",
    "kubectl --frob get delete pod x",
    "kubectl $VERB pod x",
    "kubectl replace --force -f x.yaml",
    "kubectl exec redis-0 -c redis -- redis-cli flushall",
    "docker-compose exec -T redis sh -c 'redis-cli FLUSHDB'",
    "docker compose down -v",
    "docker-compose -f x.yml kill",
    "docker-compose stop",
    "docker volume rm x",
    "docker system prune -f",
    "docker run --rm -v x:/data alpine rm -rf /data",
    "systemctl stop x",
    "sudo systemctl disable --now x",
    "service redis stop",
    "redis-cli -n 0 DEL key",
    "echo FLUSHALL | redis-cli",
    "redis-cli $COMMAND",
    "psql -d x -c 'SELECT 1; DROP TABLE configs'",
    "psql -tAc 'delete from configs'",
    "psql -Ull -c 'TRUNCATE configs'",
    "psql -f dump.sql",
    "psql < dump.sql",
    'psql -c "SELECT $COLUMNS"',
    "dropdb llm_config",
    "find . -name '*.log' -delete",
    "find . -exec rm {} +",
    "find . -exec sh -c '{}' ';'",
    "echo x > config.yaml",
    "echo x >| config.yaml",
    "cat x | tee config.yaml",
    "sort -oconfig.yaml x",
    "sed -i s/a/b/ config.yaml",
    "sed --in-pl s/a/b/ config.yaml",
    "awk '{system($0)}' x",
    "awk '{print > \"out\"}' x",
    "curl -X DELETE http://localhost/x",
    "curl -sSXDELETE http://localhost/x",
    "curl --request DELETE http://localhost/x",
    "curl -s http://localhost -o config.yaml",
    "curl -s http://localhost/install | sh",
    "bash -c 'echo a; rm x'",
    "bash -euo pipefail -c 'rm x'",
    'bash -c "echo $X"',
    "sh < script",
    "bash <(curl http://localhost)",
    'eval "$X"',
    "$COMMAND x",
    '"${ARGS[@]}"',
    "source ./functions",
    "xargs -I@ sh -c '@'",
    "ls | xargs -n1 rm",
    "echo delete pod x | xargs kubectl",
    "ssh db1 sudo rm -rf /var",
    'ssh db1 "rm $X"',
    "nohup env A=1 nice -n 5 rm x &",
    "strace -f rm x",
    "env > /dev/null rm x",
    "env 2>&1 rm x",
    "echo `rm x`",
    "echo ${X:-`rm x`}",
    "echo ${X:-$(rm x)}",
    "A=$(rm x)",
    "export A=$(rm x)",
    "cat <<EOF\n$(rm x)\nEOF\n",
    'cat <<< "$(rm x)"',
    "f() { rm x; }",
    "trap 'rm x' EXIT",
    "PATH=/tmp:$PATH ls",
    "LD_PRELOAD=x.so ls",
    "coproc { rm x; }",
    "time { rm x; }",
    "watch -n 1 'rm x'",
    "su - postgres -c 'dropdb x'",
    "python3 -c 'import shutil'",
    "python3.11 -c 'import shutil'",
    "mkfs.ext4 /dev/sda1",
    "dd if=/dev/zero of=/dev/sda",
    "iptables -A INPUT -j DROP",
    "iptables -L -F",
    "chown -R a:b /var/lib/llm-config",
    "terraform apply -auto-approve",
    "tar -xzf backup.tar.gz",
    "journalctl --vacuum-time=1d",
    "kill -9 42",
    "echo 'unclosed",
    "ls\u00a0x",
    "ls\rrm x",
    "<<<$  rm x",
    "sudo if true; then $COMMAND x; fi",
    "\\ # || rm x",
    "{rm,x} y\n}",
]


@pytest.mark.parametrize("script", READS)
def test_a_command_that_only_reads_needs_no_confirmation(script: str) -> None:
    risk = assess(script)
    assert (risk.level, risk.findings) == (Level.READ, ())


@pytest.mark.parametrize("script", CHANGES)
def test_a_command_that_can_be_taken_back_is_a_change(script: str) -> None:
    risk = assess(script)
    assert risk.level is Level.CHANGE, risk.findings
    assert all(finding.reason for finding in risk.findings)


@pytest.mark.parametrize("script", DESTROYS)
def test_a_command_that_destroys_or_cannot_be_read_is_destructive(script: str) -> None:
    risk = assess(script)
    assert risk.level is Level.DESTRUCTIVE, risk.findings
    assert all(finding.reason for finding in risk.findings)


WRAPPINGS: list[Callable[[str], str]] = [
    lambda script: f"sudo {script}",
    lambda script: f"env A=1 {script}",
    lambda script: f"time {script}",
    lambda script: f"nice -n 5 {script}",
    lambda script: f"nohup {script}",
    lambda script: f"timeout -k 5 10 {script}",
    lambda script: f"xargs {script}",
    lambda script: f"echo a; {script}",
    lambda script: f"true && {script}",
    lambda script: f"{script} || true",
    lambda script: f"{script} | cat",
    lambda script: f"( {script} )",
    lambda script: f"! {script}",
    lambda script: f'echo "$( {script} )"',
    lambda script: f"if true; then {script}; fi",
    lambda script: f"for i in 1; do {script}; done",
    lambda script: f"bash -c {shlex.quote(script)}",
    lambda script: f"sh -ec {shlex.quote(script)}",
    lambda script: f"eval {shlex.quote(script)}",
    lambda script: f"ssh host {shlex.quote(script)}",
    lambda script: f"docker-compose exec -T app sh -c {shlex.quote(script)}",
    lambda script: f"kubectl -n x exec pod -- sh -c {shlex.quote(script)}",
]
ONE_LINE = [script for script in READS + CHANGES + DESTROYS if "\n" not in script]


@given(st.sampled_from(ONE_LINE), st.lists(st.sampled_from(WRAPPINGS), min_size=1, max_size=4))
def test_no_wrapping_makes_a_command_milder(
    script: str, wrappings: list[Callable[[str], str]]
) -> None:
    wrapped = script
    for wrap in wrappings:
        wrapped = wrap(wrapped)
    assert assess(wrapped).level.rank >= assess(script).level.rank


@given(st.text())
def test_any_text_at_all_can_be_judged(script: str) -> None:
    risk = assess(script)
    assert (risk.level is Level.READ) == (not risk.findings)


@given(st.lists(st.sampled_from([*"$(){}[]`'\"|&;<>\\ \n=-", "rm", "sudo", "sh -c ", "ls", "$("])))
def test_shell_marks_in_any_order_can_be_judged(pieces: list[str]) -> None:
    assess("".join(pieces))


@pytest.mark.parametrize("opening", ["(", "$(", "sudo ", "bash -c ", "{ ", "if ", "! "])
def test_nesting_without_end_is_destructive_and_not_a_crash(opening: str) -> None:
    assert assess(opening * 400 + "ls").level is Level.DESTRUCTIVE


def test_a_finding_names_the_command_inside_a_shell_text() -> None:
    (finding,) = assess("docker-compose exec -T redis sh -c 'redis-cli FLUSHALL'").findings
    assert (finding.text, finding.reason) == ("redis-cli FLUSHALL", "empties the cache")

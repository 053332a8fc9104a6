"""What the files of the installation say; see :mod:`procedures.sandbox.premises`."""

from collections.abc import Mapping
from types import MappingProxyType

CONFIG = """\
# The sandbox's stand-in of the service's configuration.
server:
  host: 0.0.0.0
  port: 8080
  workers: 4
  max_connections: 1000
  timeout_seconds: 30
  enable_tls: true
  tls_cert: /etc/llm-config/certs/server.crt
  tls_key: /etc/llm-config/certs/server.key
storage:
  type: postgres
  path: /var/lib/llm-config/data
  backup_retention_days: 30
encryption:
  algorithm: aes-256-gcm
  key_rotation_days: 90
cache:
  l1:
    max_entries: 1000
    ttl_seconds: 300
  l2:
    enabled: true
    path: /var/lib/llm-config/cache
    max_size_mb: 500
    ttl_seconds: 3600
audit:
  enabled: true
  path: /var/log/llm-config/audit
  retention_days: 365
  log_reads: false
rbac:
  enabled: true
  default_role: viewer
rate_limit:
  requests_per_minute: 1000
  burst: 100
metrics:
  port: 9090
  path: /metrics
logging:
  level: info
  format: json
  file: /var/log/llm-config/application.log
database:
  host: localhost
  port: 5432
  name: llm_config
  user: llm_config_user
  max_connections: 20
  connect_timeout_seconds: 5
  ssl_mode: require
"""

ENVIRONMENT = """\
RUST_LOG=info
LLM_CONFIG_ENVIRONMENT=production
"""

AUDIT = """\
{"at":"2026-01-05T02:00:00Z","event_type":"audit_started","user":"system","outcome":"success"}
"""

BINARY = """\
#!/bin/sh
# The sandbox's stand-in of the service's executable.
case "${1:-}" in
  --version | -V) echo "llm-config-server 0.5.0" ;;
  check-config)
    [ -r "${3:-/etc/llm-config/config.yaml}" ] || { echo "cannot read it" >&2; exit 1; }
    echo "configuration is valid" ;;
  migrate) echo "no migration is pending" ;;
  health-check) echo "healthy" ;;
  *) echo "usage: llm-config-server --version | check-config --config FILE | migrate" >&2; exit 2 ;;
esac
"""

COMPOSE = """\
# What the sandbox poses as; its shims read the services from the sandbox itself.
version: "3.8"
services:
  llm-config-manager:
    image: llm-config-manager:latest
    restart: unless-stopped
    deploy: {replicas: 3}
    environment:
      RUST_LOG: info
      LLM_CONFIG_ENVIRONMENT: production
      LLM_CONFIG_ENCRYPTION_KEY: ${ENCRYPTION_KEY}
      LLM_CONFIG_DATABASE_PASSWORD: ${DB_PASSWORD}
    ports: ["8080:8080", "9090:9090"]
    volumes:
      - llm-config-data:/var/lib/llm-config/data
      - llm-config-cache:/var/lib/llm-config/cache
      - llm-config-backups:/var/lib/llm-config/backups
      - llm-config-logs:/var/log/llm-config
      - ./config/production.yaml:/etc/llm-config/config.yaml:ro
  redis:
    image: redis:7-alpine
    container_name: llm-config-redis
    command: redis-server --appendonly yes --requirepass ${REDIS_PASSWORD}
    ports: ["6379:6379"]
    volumes: ["redis-data:/data"]
  postgres:
    image: postgres:16-alpine
    container_name: llm-config-postgres
    environment:
      POSTGRES_DB: llm_config
      POSTGRES_USER: llm_config_user
      POSTGRES_PASSWORD: ${DB_PASSWORD}
    ports: ["5432:5432"]
    volumes: ["postgres-data:/var/lib/postgresql/data"]
  prometheus:
    image: prom/prometheus:v2.48.0
    container_name: llm-config-prometheus
    ports: ["9091:9090"]
    volumes: ["prometheus-data:/prometheus"]
  grafana:
    image: grafana/grafana:10.2.2
    container_name: llm-config-grafana
    ports: ["3000:3000"]
    volumes: ["grafana-data:/var/lib/grafana"]
  alertmanager:
    image: prom/alertmanager:v0.26.0
    container_name: llm-config-alertmanager
    ports: ["9093:9093"]
    volumes: ["alertmanager-data:/alertmanager"]
  node-exporter:
    image: prom/node-exporter:v1.7.0
    container_name: llm-config-node-exporter
    ports: ["9100:9100"]
volumes:
  llm-config-data:
  llm-config-cache:
  llm-config-backups:
  llm-config-logs:
  redis-data:
  postgres-data:
  prometheus-data:
  grafana-data:
  alertmanager-data:
"""

_SERVICE = """\
[Unit]
Description=LLM Config Manager
After=network-online.target postgresql.service redis.service
Wants=postgresql.service redis.service

[Service]
Type=notify
User=llmconfig
Group=llmconfig
EnvironmentFile=/etc/default/llm-config-manager
EnvironmentFile=-/etc/llm-config/environment
ExecStart=@BINARY@ --config /etc/llm-config/config.yaml
Restart=on-failure
RestartSec=5s
TimeoutStartSec=60s
TimeoutStopSec=30s
LimitNOFILE=65536
TasksMax=4096
MemoryMax=2G
CPUQuota=200%

[Install]
WantedBy=multi-user.target
"""


def _oneshot(about: str, command: str) -> str:
    return f"[Unit]\nDescription={about}\n\n[Service]\nType=oneshot\nExecStart={command}\n"


def _timer(about: str, when: str) -> str:
    return (
        f"[Unit]\nDescription={about}\n\n[Timer]\n{when}\nPersistent=true\n\n"
        "[Install]\nWantedBy=timers.target\n"
    )


UNITS: Mapping[str, str] = MappingProxyType(
    {
        "llm-config-manager.service": _SERVICE,
        "llm-config-healthcheck.service": _oneshot(
            "LLM Config Manager health check",
            "/usr/bin/curl -fsS --max-time 5 http://localhost:8080/health",
        ),
        "llm-config-healthcheck.timer": _timer(
            "LLM Config Manager health check", "OnBootSec=5min\nOnUnitActiveSec=5min"
        ),
        "llm-config-backup.service": _oneshot(
            "LLM Config Manager backup", "@BINARY@ backup --config /etc/llm-config/config.yaml"
        ),
        "llm-config-backup.timer": _timer("LLM Config Manager backup", "OnCalendar=*-*-* 02:00"),
        "llm-config-cleanup.service": _oneshot(
            "LLM Config Manager clean-up", "/usr/local/bin/llm-config-cleanup"
        ),
        "llm-config-cleanup.timer": _timer(
            "LLM Config Manager clean-up", "OnCalendar=Sun *-*-* 03:00"
        ),
    }
)

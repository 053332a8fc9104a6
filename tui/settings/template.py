"""The settings file that ``quarterdeck config init`` writes: complete, commented, ready to edit."""

HEAD = """\
# Quarterdeck settings. Try them with: quarterdeck config check
# A secret is { env = "NAME" }, { file = "PATH" } or { command = ["pass", "show", "prometheus"] }.
# A secret written here in full is accepted only while no one else can read this file (chmod 600).

default = "local"                      # opened when no --environment is given

# policy = "/etc/quarterdeck/policy.toml" # who may run what; this is where it is looked for

# [ledger]                             # the record of a team; without it, this machine's own
# url = "postgresql://quarterdeck@db.example.org/quarterdeck?sslmode=verify-full"
# password = { file = "ledger.password" }

# [procedures]                         # whose documents the console shows
# directories = ["/srv/runbooks"]      # your own; plain Markdown will do
# shipped = true                       # and those that come with the console

# [fleet]                              # all at once; without it, each by its own sources
# by = "environment"                   # the label that tells the targets of one server apart
# prometheus = "https://prometheus.example.org" # that server, if there is one
# job = "llm-config-manager"
# interval = "5s"
# window = "5m"
# environments = ["local"]             # who takes part, if not all
# tier = "production"                  # of targets that are no environment of this file
# limits = { cpu_cores = 2, memory = "2GiB" } # what those may use
"""

ENVIRONMENT = """\
[environment.local]
tier = "development"                   # development, staging or production
method = "docker"                      # docker, kubernetes or systemd
# read_only = true                     # look, but never act

# What is watched. With a Prometheus server its answers are used; without one the service's own
# metrics are scraped.
prometheus = "http://localhost:9091"
alertmanager = "http://localhost:9093"
health = "http://localhost:8080/health"
api = "http://localhost:8080"
# config_namespaces = ["app/llm"]      # whose versions are among what changed recently
# metrics = ["http://localhost:9090"]  # one address an instance, without /metrics
# job = "llm-config-manager"           # the service's job label in Prometheus
# labels = { environment = "local" }   # which series are meant, where a server has those of several
# fleet_label = "local"                # the value of the fleet's label, if not that or the name
# window = "5m"                        # over which rates are taken

# backup_dir = "/var/lib/llm-config/backups"
# backup_max_age = "25h"
# data_dir = "/var/lib/llm-config/data"
"""

ADDRESS = """\
# An address may be a table, to say how to be let in:
# [environment.local.prometheus]
# url = "https://prometheus.example.org"
# bearer = { env = "PROM_TOKEN" }      # or username = "…" with password = { file = "…" }
# ca_bundle = "/etc/ssl/certs/internal.pem"
# client_cert = "console.pem"          # relative to this file
# client_key = "console.key"
# headers = { X-Scope-OrgID = "team" }
"""

TARGETS = """\
# What is acted on, if it cannot be found by the method and the facts alone; there may be several.
# [environment.local.targets.stack]
# method = "docker"
# service = "llm-config-manager"       # the workload that is the service itself
# project = "llm-config"               # of compose
# engine = "unix:///run/docker.sock"   # as docker finds it, if this is not given
# [environment.local.targets.cluster]
# method = "kubernetes"
# context = "production"               # of the kubeconfig; no other one is ever used
# kubeconfig = "kubeconfig"            # relative to this file
# namespace = "llm-config"
# selector = "app=llm-config-manager"
# [environment.local.targets.host]
# method = "systemd"
# units = ["llm-config-*", "postgresql"]
"""

LIMITS = """\
# [environment.local.backups]          # more about them than backup_dir and backup_max_age say
# s3 = "s3://llm-config-backups/backups" # read through the aws command line
# s3_profile = "backup-reader"         # of ~/.aws/config
# s3_endpoint = "https://s3.example.org" # another server than that of AWS
# rpo = "1h"                           # how much may be lost; beyond it is critical
# minimum_size = "1MiB"                # what is smaller is no backup
# schedules.hourly = "90m"             # must be kept up; no older than this
# schedules.daily = { max_age = "25h", keep = 30, minimum_size = "10MiB" }

# [environment.local.limits]           # what the service may use: 100 % of CPU and memory
# cpu_cores = 2
# memory = "2GiB"
# storage = "50GiB"

# [environment.local.intervals]        # between two questions to each kind of source
# metrics = "5s"
# health = "5s"
# alerts = "5s"
# backups = "1m"
# disk = "30s"

# [environment.local.thresholds]       # instead of the shipped ones, in the indicator's own unit
# p95-latency = { target = 100, critical = 200 }
"""

FACTS = """\
# [environment.local.facts]            # further variables for the steps of procedures
# NAMESPACE = "llm-config"
"""

TEMPLATE = "\n".join((HEAD, ENVIRONMENT, ADDRESS, TARGETS, LIMITS, FACTS))

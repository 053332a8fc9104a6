"""The metrics that the service defines: names, labels and buckets are its own.

Source: the metric registry of LLM Config Manager, and the process metrics that its operations
guide queries. ``config_active_total`` and ``rbac_active_roles_total`` are gauges, despite their
names.
"""

from procedures.sandbox.metric_store import Family

CONFIG_BOUNDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
CACHE_BOUNDS = (0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1)
RBAC_BOUNDS = (0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005)
AUDIT_BOUNDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5)
STORAGE_BOUNDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0)
CRYPTO_BOUNDS = (0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01)
HTTP_BOUNDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0)


def _counter(name: str, about: str, *labels: str) -> Family:
    return Family(name=name, kind="counter", help=about, labels=labels)


def _gauge(name: str, about: str, *labels: str) -> Family:
    return Family(name=name, kind="gauge", help=about, labels=labels)


def _histogram(name: str, about: str, bounds: tuple[float, ...], *labels: str) -> Family:
    return Family(name=name, kind="histogram", help=about, labels=labels, bounds=bounds)


FAMILIES = (
    _counter("config_operations_total", "Configuration operations", "operation", "environment"),
    _histogram(
        "config_operation_duration_seconds",
        "Duration of configuration operations",
        CONFIG_BOUNDS,
        "operation",
    ),
    _gauge("config_active_total", "Active configurations", "namespace", "environment"),
    _counter("config_errors_total", "Configuration errors", "error_type", "operation"),
    _counter("cache_hits_total", "Cache hits", "tier"),
    _counter("cache_misses_total", "Cache misses", "tier"),
    _counter("cache_evictions_total", "Cache evictions", "tier"),
    _gauge("cache_size_entries", "Entries in the cache", "tier"),
    _histogram(
        "cache_operation_duration_seconds",
        "Duration of cache operations",
        CACHE_BOUNDS,
        "operation",
        "tier",
    ),
    _counter("rbac_permission_checks_total", "Permission checks", "resource", "action", "result"),
    _counter("rbac_permission_denials_total", "Permission denials", "resource", "action"),
    _histogram(
        "rbac_check_duration_seconds", "Duration of permission checks", RBAC_BOUNDS, "resource"
    ),
    _gauge("rbac_active_roles_total", "Active role assignments", "role"),
    _counter("audit_events_total", "Audit events", "event_type"),
    _histogram(
        "audit_event_processing_duration_seconds", "Duration of audit processing", AUDIT_BOUNDS
    ),
    _gauge("audit_queue_size", "Audit events waiting"),
    _counter("storage_operations_total", "Storage operations", "operation"),
    _histogram(
        "storage_operation_duration_seconds",
        "Duration of storage operations",
        STORAGE_BOUNDS,
        "operation",
    ),
    _gauge("storage_size_bytes", "Size of the storage"),
    _counter("storage_errors_total", "Storage errors", "error_type"),
    _counter("crypto_operations_total", "Cryptographic operations", "operation", "algorithm"),
    _histogram(
        "crypto_operation_duration_seconds",
        "Duration of cryptographic operations",
        CRYPTO_BOUNDS,
        "operation",
        "algorithm",
    ),
    _counter("crypto_key_rotations_total", "Key rotations"),
    _counter("crypto_encryption_errors_total", "Encryption errors"),
    _gauge("system_uptime_seconds", "Seconds since the process started"),
    _gauge("system_memory_usage_bytes", "Memory in use"),
    _counter("http_requests_total", "HTTP requests", "method", "path", "status"),
    _histogram(
        "http_request_duration_seconds",
        "Duration of HTTP requests",
        HTTP_BOUNDS,
        "method",
        "path",
    ),
    _counter("process_cpu_seconds_total", "Processor time spent, seconds"),
    _gauge("process_resident_memory_bytes", "Resident memory"),
    _gauge("process_start_time_seconds", "Unix time at which the process started"),
    _gauge("process_open_fds", "Open file descriptors"),
)

UP = _gauge("up", "Whether the instance answers its scrape")

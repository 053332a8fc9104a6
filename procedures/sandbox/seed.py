"""The configurations that a new sandbox begins with."""

from procedures.sandbox.configs import ConfigName, ConfigStore

SEED: dict[str, dict[str, object]] = {
    "app/llm": {"model": "opus-large", "temperature": 0.2, "max_tokens": 4096},
    "app/search": {"index": "documents-v7", "top_k": 20},
    "app/billing": {"currency": "EUR", "invoice_day": 3},
    "platform/limits": {"requests_per_minute": 600, "burst": 50},
    "platform/flags": {"streaming": True, "shadow_traffic": False},
}
_SECRETS = {"app/llm": "provider_api_key", "app/billing": "payment_token"}
_ENVIRONMENTS = ("development", "staging", "production")


def fill(store: ConfigStore) -> None:
    """Write the first configurations, unless there are some."""
    if store.count():
        return
    plain = [
        (ConfigName(namespace=namespace, key=key, environment=environment), value, False)
        for namespace, entries in SEED.items()
        for environment in _ENVIRONMENTS
        for key, value in entries.items()
    ]
    secret = [
        (ConfigName(namespace=namespace, key=key, environment="production"), "sandbox-only", True)
        for namespace, key in _SECRETS.items()
    ]
    store.put_all([*plain, *secret], by="deploy-bot")

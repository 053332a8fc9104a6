"""Which deployments an environment has; pure."""

from procedures.environment import Environment, Method, TargetAddress

_SERVICE_FACTS = {
    Method.DOCKER: "SERVICE",
    Method.KUBERNETES: "DEPLOYMENT",
    Method.SYSTEMD: "UNIT",
}
NAMESPACE = "llm-config"
"""Of the service's own manifests."""


def addresses_of(environment: Environment) -> tuple[TargetAddress, ...]:
    """Return the targets, the one that steps and checks are about first."""
    if environment.watch_only:
        return ()  # what this machine's tools find by themselves would be another deployment
    found = environment.targets or (_default(environment),)
    return tuple(sorted(found, key=lambda each: each.method is not environment.method))


def _default(environment: Environment) -> TargetAddress:
    """Return the target that the facts for the steps describe."""
    facts, method = environment.facts, environment.method
    return TargetAddress(
        name=method.value,
        method=method,
        service=facts.get(_SERVICE_FACTS[method], "llm-config-manager"),
        context=facts.get("KUBE_CONTEXT", ""),
        namespace=facts.get("NAMESPACE", NAMESPACE),
        project=facts.get("COMPOSE_PROJECT_NAME", ""),
        engine=facts.get("DOCKER_HOST", ""),
    )


def cluster_of(environment: Environment) -> str:
    """Return context and namespace, ``prod/llm-config``; empty where there is no cluster."""
    if environment.method is not Method.KUBERNETES or environment.watch_only:
        return ""
    address = addresses_of(environment)[0]
    namespace = address.namespace or environment.facts.get("NAMESPACE", NAMESPACE)
    return f"{address.context or '(current)'}/{namespace}"


def facts_of(environment: Environment) -> dict[str, str]:
    """Return the variables by which the steps' own tools find the first target."""
    if not environment.targets:
        return {}
    address = addresses_of(environment)[0]
    found = {
        _SERVICE_FACTS[address.method]: address.service,
        "NAMESPACE": address.namespace,
        "KUBE_CONTEXT": address.context,
        "COMPOSE_PROJECT_NAME": address.project,
        "DOCKER_HOST": address.engine,
    }
    return {name: value for name, value in found.items() if value}

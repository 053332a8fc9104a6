"""The targets of an environment, each with the adapter of its method."""

from procedures.clock import Clock
from procedures.environment import Environment, Method, TargetAddress
from procedures.targets.addresses import addresses_of
from procedures.targets.target import Target
from procedures.targets.variables import step_variables


def targets_for(environment: Environment, clock: Clock) -> tuple[Target, ...]:
    """Return the targets, the one that steps and checks are about first; asks nothing.

    Blocks for the import of the clients that they need.
    """
    return tuple(target_for(each, environment, clock) for each in addresses_of(environment))


def target_for(address: TargetAddress, environment: Environment, clock: Clock) -> Target:
    """Return the target at ``address``, with the same variables as the steps of procedures."""
    variables = step_variables(environment, {})
    match address.method:
        case Method.DOCKER:
            from procedures.targets.docker.target import DockerTarget

            return DockerTarget(address, variables=variables, clock=clock)
        case Method.KUBERNETES:
            from procedures.targets.kubernetes.target import KubernetesTarget

            return KubernetesTarget(address, variables=variables, clock=clock)
        case Method.SYSTEMD:
            from procedures.targets.systemd.target import SystemdTarget

            return SystemdTarget(address, variables=variables, clock=clock)

"""The jobs that timers start: health check, backup and clean-up."""

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims.observed import observe
from procedures.sandbox.shims.usage import ToolError


def run_job(control: Control, name: str) -> None:
    """Do what a job does; the failure of its unit if it fails."""
    if name == "llm-config-backup":
        from procedures.clock import SystemClock
        from procedures.sandbox.backups import back_up

        back_up(control.state, clock=SystemClock())
    elif name == "llm-config-healthcheck" and not any(r.ready for r in observe(control).replicas):
        unit = f"{name}.service"
        raise ToolError(
            f"Job for {unit} failed because the control process exited with error code.\n"
            f'See "systemctl status {unit}" and "journalctl -xeu {unit}" for details.'
        )

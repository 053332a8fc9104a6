"""The jobs that timers start: health check, backup and clean-up."""

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims.observed import observe
from procedures.sandbox.shims.usage import ToolError


def run_job(control: Control, name: str) -> None:
    """Do what a job does; the failure of its unit if it fails."""
    if name == "llm-config-backup":
        from procedures.clock import SystemClock  # noqa: PLC0415 - only backups want it
        from procedures.sandbox.seed import back_up  # noqa: PLC0415

        state = control.state
        back_up(state.database, state.backups, clock=SystemClock())
    elif name == "llm-config-healthcheck" and not any(r.ready for r in observe(control).replicas):
        raise ToolError(
            f"Job for {name}.service failed because the control process exited with error code.\n"
            f'See "systemctl status {name}.service" and "journalctl -xeu {name}.service" for details.'
        )

"""systemd as a target: units and timers of this machine, asked by ``systemctl``, ``journalctl``."""

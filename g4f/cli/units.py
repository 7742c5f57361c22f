"""The systemd units of the daemon, as text. Nothing is written here.

The hardening is what `systemd-analyze security` counts, less what the daemon needs: the network, its state directory
and nothing else. The user's own manager has no privileges to drop, so a user unit keeps to what works without them
(systemd.exec(5), "Sandboxing").
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

NAME: Final = "g4fd"

_SERVICE: Final = """\
# {why}
[Unit]
Description=g4f: one endpoint for every LLM provider
After=network-online.target
Wants=network-online.target
# A daemon that dies comes back at once, but not for ever.
StartLimitIntervalSec=60
StartLimitBurst=20

[Service]
# g4fd says itself when it is ready, reloading or stopping; `systemctl status` shows how many providers are healthy.
Type=notify
NotifyAccess=main
ExecStart={program} run --config {config}
# A bad file fails the reload visibly and changes nothing; saving the file reloads it without systemd, too.
ExecReload={program} check {config}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=200ms
# 78: the file is refused. Starting again would not mend it.
RestartPreventExitStatus=78
# The event loop feeds it: a process that hangs is replaced.
WatchdogSec=10s
TimeoutStartSec=60s
# More than server.shutdown_delay and drain_timeout; g4fd asks for more where its file says more.
TimeoutStopSec=45s
# Keys that the file names as ${{VARIABLES}}; readable by root alone.
EnvironmentFile=-{environment}
{identity}
# What `state: file:{state}` in the file keeps there.
StateDirectory=g4f
StateDirectoryMode=0700
WorkingDirectory=%S/g4f
UMask=0077
LimitNOFILE=65536
OOMPolicy=continue

# What it cannot do, so that nobody can do it through it.
{hardening}

[Install]
WantedBy={target}
"""

_SYSTEM_HARDENING: Final = """\
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
PrivateIPC=yes
DevicePolicy=closed
ProtectHostname=yes
ProtectClock=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
RemoveIPC=yes
KeyringMode=private"""

_USER_HARDENING: Final = """\
NoNewPrivileges=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
KeyringMode=private"""

_SOCKET: Final = """\
# {why}
# Optional: systemd listens, so that a restart refuses nobody, and ports below 1024 need no privilege of the daemon.
# `systemctl enable --now g4fd.socket`; the address here then comes before server.listen.
[Unit]
Description=g4f: the address that clients talk to

[Socket]
ListenStream={listen}
FileDescriptorName=g4fd
Backlog=1024
NoDelay=yes

[Install]
WantedBy=sockets.target
"""

_SYSUSERS: Final = """\
# The user that g4fd.service runs as; `systemd-sysusers` makes it. See sysusers.d(5).
u g4fd - "g4f daemon" /var/lib/g4f
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the units are written for. `program` are the words that start `g4fd`; `environment` is the file of its
    variables."""

    program: tuple[str, ...]
    config: Path
    environment: Path
    listen: str
    user: bool


def service(setting: Setting) -> str:
    """The text of g4fd.service."""
    return _SERVICE.format(
        why=_why(setting),
        program=" ".join(_word(part) for part in setting.program),
        config=_word(str(setting.config)),
        environment=_plain(str(setting.environment)),
        state="${STATE_DIRECTORY}" if setting.user else "/var/lib/g4f",
        identity="" if setting.user else "User=g4fd\nGroup=g4fd\n",
        hardening=_USER_HARDENING if setting.user else _SYSTEM_HARDENING,
        target="default.target" if setting.user else "multi-user.target",
    )


def listening_socket(setting: Setting) -> str:
    """The text of g4fd.socket."""
    return _SOCKET.format(why=_why(setting), listen=setting.listen)


def sysusers() -> str:
    """The text of sysusers.d/g4fd.conf."""
    return _SYSUSERS


def _why(setting: Setting) -> str:
    return "Written by `g4fd install-service" + (" --user`." if setting.user else "`.")


def _word(text: str) -> str:
    """One word of a command line (systemd.service(5), "Command lines")."""
    escaped = _plain(text).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{escaped}"' if any(character in escaped for character in " \t'\"\\;") else escaped


def _plain(text: str) -> str:
    """A value in which nothing is a specifier."""
    return text.replace("%", "%%")

"""How a command ends: the exit codes, one meaning each, as docs/operations.md lists them."""

from typing import Final

WELL: Final = 0
#: The answer is no: a file is refused, an expectation does not hold, a thing does not exist.
NO: Final = 1
#: The command line is wrong (argparse's own code), or the daemon cannot be asked.
USAGE: Final = 2
#: sysexits.h: something in the configuration is wrong. systemd's RestartPreventExitStatus=78 keeps it from looping.
BAD_CONFIG: Final = 78
#: 128 and SIGINT, as shells have it.
INTERRUPTED: Final = 130

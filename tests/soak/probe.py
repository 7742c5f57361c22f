"""`g4fd` with a window: on SIGUSR1 it writes how many tasks live in its loop to `tasks.json` in its directory."""

import asyncio
import json
import signal
import sys
from collections import Counter
from pathlib import Path

from g4f.cli.daemon import main

FILE = "tasks.json"


def _tell(*_: object) -> None:
    names = Counter(str(getattr(task.get_coro(), "__qualname__", "?")) for task in asyncio.all_tasks())
    beside = Path(f".{FILE}")
    beside.write_text(json.dumps(names), "utf-8")
    beside.replace(FILE)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _tell)
    sys.exit(main())

"""What a finished request costs behind its path: the log's line, metrics and books, in microseconds of one thread.

`python -m bench.journal`. The daemon reads its journal in a thread of its own, so that this is on no request's way; but
it takes from the same core. Entries are made by hand, and read as the daemon reads them. The log goes nowhere.
"""

import argparse
import os
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from g4f import log
from g4f.exchange.answer import Usage
from g4f.meter.batch import Batch
from g4f.meter.booking import Bookkeeper
from g4f.meter.budgets import Budgets
from g4f.meter.counting import Counting
from g4f.meter.entry import Entry
from g4f.meter.journal import AT_ONCE, Reader
from g4f.meter.ledger import Ledger
from g4f.meter.lines import write_lines
from g4f.meter.meter import Books
from g4f.meter.prices import Prices
from g4f.meter.tally import Tally
from g4f.router.resolution import Target
from g4f.router.table import Timeouts

_TIMEOUTS = Timeouts(connect=5, first_token=30, answer=300, idle=60, total=600)


def entries(count: int, models: int) -> list[Entry]:
    """Requests that went well, of so many models."""
    return [_entry(number, f"bench-{number % models}") for number in range(count)]


def _entry(number: int, model: str) -> Entry:
    target = Target(provider="Mock", model=model, key="mock", timeouts=_TIMEOUTS, retries=0)
    made = Entry(request_id=f"req_{random.getrandbits(128):032x}", started=100.0 + number / 1000)
    record = made.journey.begin(target)
    record.seconds, record.answered = 0.004 + number % 7 / 1000, True
    made.journey.route, made.journey.generation = model, 1
    made.fields.update(model=model, stream=False, finish="stop")
    made.status, made.answered_by, made.usage = 200, record, Usage(200 + number % 50, 150)
    made.caller_name, made.method, made.endpoint = "bench", "POST", "/v1/chat/completions"
    made.first = made.started + record.seconds + 0.0003
    made.ended, made.at = made.first + 0.0001, 1_700_000_000.0 + number / 1000
    return made


def daemon_readers() -> list[Reader]:
    """The daemon's readers of its journal, with books in memory."""
    prices, ledger = Prices(dict), Ledger(None)
    books = Books(Bookkeeper(prices), ledger, Budgets(ledger.recall, time.time))
    return [write_lines, Counting(Tally(), prices), books]


def measure(made: Sequence[Entry], batch: int) -> float:
    """Microseconds of an entry, where so many of them are read at a time."""
    readers, spent = daemon_readers(), 0.0
    for begin in range(0, len(made), batch):
        began = time.thread_time()
        together = Batch(made[begin : begin + batch])
        for reader in readers:
            reader(together)
        spent += time.thread_time() - began
    return 1e6 * spent / len(made)


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.journal", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=20_000, metavar="N", help="entries of one measurement (20000)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="measurements; the least counts (5)")
    options = parser.parse_args(argv)
    sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - the log's place for as long as this process lives
    log.configure("info", "json")
    for models, batch in ((1, AT_ONCE), (20, AT_ONCE), (1000, AT_ONCE), (1, 1)):
        made = entries(options.count, models)
        least = min(measure(made, batch) for _ in range(options.rounds))
        print(f"{models:5} model(s), {batch:4} entries at a time: {least:6.1f} us an entry")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`make fuzz TARGET=sse SECONDS=600`: run one target or each, for so many seconds each; a finding is kept and ends it.

Inputs are mutations of the seeds and of the corpus (`tests/corpus/TARGET/`), the same ones for the same SEED. What is
found is written into the corpus, so that `make test` replays it from then on.
"""

import argparse
import hashlib
import random
import sys
import time
import traceback

from tests.fuzz.corpus import CORPUS, corpus_of
from tests.fuzz.mutate import mutated
from tests.fuzz.targets import TARGETS, Target

#: Seconds of processor time that no reading of 64 KiB may take.
SLOW = 0.5


class SlowInput(Exception):  # noqa: N818 - it names what was found
    """An input took far longer than its size explains."""


def main() -> int:
    """Fuzz; returns 1 if anything was found."""
    options = _parser().parse_args()
    names = [options.target] if options.target else list(TARGETS)
    return max([_fuzz(name, TARGETS[name], options.seconds, options.seed) for name in names])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--target", choices=[*TARGETS], help="one of them; without it all, one after the other")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each target")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32, help="to repeat a run")
    return parser


def _fuzz(name: str, target: Target, seconds: float, seed: int) -> int:
    rng = random.Random(seed)
    pool = [*target.seeds, *corpus_of(name)]
    print(f"{name}: {len(pool)} seeds, {seconds:g} s, --seed {seed}", flush=True)
    runs, end, worst = 0, time.monotonic() + seconds, 0.0
    while time.monotonic() < end:
        content = mutated(rng.choice(pool), pool, rng)
        begun = time.process_time()
        try:
            target.run(content)
            took = (time.process_time() - begun) / target.readings
            worst = max(worst, took)
            if took > SLOW:
                raise SlowInput(f"{took:.2f} s for {len(content)} bytes")
        except Exception:  # noqa: BLE001 - whatever it is, it is a finding
            traceback.print_exc()
            print(f"{name}: found after {runs} inputs; kept as {_keep(name, content)}")
            return 1
        runs += 1
    print(f"{name}: {runs} inputs, nothing found; the slowest took {worst * 1000:.0f} ms", flush=True)
    return 0


def _keep(name: str, content: bytes) -> str:
    place = CORPUS / name
    place.mkdir(parents=True, exist_ok=True)
    path = place / hashlib.sha256(content).hexdigest()[:16]
    path.write_bytes(content)
    return str(path)


if __name__ == "__main__":
    sys.exit(main())

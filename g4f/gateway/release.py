"""Letting go of a large configuration a piece at a time.

Whoever holds the last reference to ten thousand models frees them all in one step, and nothing else runs meanwhile.
Here the last references to the parts are held by a thread, which drops some at a time.
"""

import time

from g4f.config.load import Loaded
from g4f.gateway.snapshot import Plan

#: Seconds until nobody else refers to a configuration that was replaced, as long as no request runs by it.
SETTLED = 0.1
#: Parts that go at a time, and seconds between two times.
AT_ONCE = 1000
BREATH = 0.001


def release(old: list[tuple[Loaded, Plan]]) -> None:
    """Let go of what is in the list, which is emptied. Blocks for a tenth of a second or more: run it in a thread."""
    parts: list[object] = []
    while old:
        loaded, plan = old.pop()
        parts += loaded.origins
        parts += loaded.origins.values()
        parts += (loaded.config.models or {}).values()
        parts += plan.table.routes.values()
        parts += plan.places.values()
        del loaded, plan
    time.sleep(SETTLED)
    while parts:
        del parts[-AT_ONCE:]
        time.sleep(BREATH)

"""Imports without the garbage collector: what modules make lives for good, and looking through it costs a tenth of a
start. From then on it is never looked through again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unscanned() -> Iterator[None]:
    """Collect nothing inside of the block, and never what it leaves."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()

"""Making much that lives long, modules and configurations, beside requests that go on.

The garbage collector is off meanwhile: looking through it all again and again costs a tenth of a start and half of a
large file's reading, and each look stops every thread, a third of a second for ten thousand models. What was made is
never looked through later either; it goes when nobody refers to it any more. Garbage in cycles that others make
meanwhile, a second's, stays. And other threads get the interpreter as soon as they want it, not after 5 ms.
"""

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

#: Seconds for which a thread keeps the interpreter while another one waits.
_TURN: Final = 0.0005


class _Interpreter:
    """The settings of this process, changed while anybody is inside."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._threshold = gc.get_threshold()
        self._turn = sys.getswitchinterval()

    def enter(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                self._threshold, self._turn = gc.get_threshold(), sys.getswitchinterval()
                gc.collect(1)  # the young garbage of others is not to stay for good
                gc.set_threshold(0)
                sys.setswitchinterval(_TURN)

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            gc.freeze()
            if not self._inside:
                gc.set_threshold(*self._threshold)
                sys.setswitchinterval(self._turn)


_INTERPRETER = _Interpreter()


@contextmanager
def aside() -> Iterator[None]:
    """Collect nothing inside of the block, and never what it leaves; let other threads go first."""
    _INTERPRETER.enter()
    try:
        yield
    finally:
        _INTERPRETER.leave()

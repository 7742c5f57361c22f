"""One event loop in one background thread, shared by all synchronous clients of the process.

So that they work in scripts, in threads, in notebooks, inside a running loop and under any loop policy alike, and
an exception that interrupts whoever waits (Ctrl-C) cancels what runs there.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine
from concurrent import futures
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")

#: Seconds that a signal may go unnoticed.
_LOOK_UP: Final = 0.2


class Background:
    """The loop, started on first use, and once more in a process that was forked off."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()
        os.register_at_fork(after_in_child=self._forget)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine there and wait for it here."""
        loop = self._started()
        if threading.get_ident() == getattr(loop, "_thread_id", None):
            work.close()
            raise RuntimeError("a synchronous client was used on its own background loop; use AsyncClient there")
        call = _Call(loop, work)
        try:
            loop.call_soon_threadsafe(call.begin)
            return _waited(call.outcome)
        except BaseException:
            loop.call_soon_threadsafe(call.cancel)
            raise

    def post(self, work: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Start a coroutine there and do not wait: for clean-up while an object goes away."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            start(loop, work)

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_serve, args=(self._loop,), name="g4f", daemon=True).start()
            return self._loop

    def _forget(self) -> None:
        """The thread did not come along into the child."""
        self._loop, self._lock = None, threading.Lock()


class _Call(Generic[T]):
    """A coroutine on its way. Whenever the waiting thread is interrupted, `cancel` finds what `begin` began."""

    def __init__(self, loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> None:
        self.outcome: futures.Future[T] = futures.Future()
        self._loop = loop
        self._work = work
        self._task: asyncio.Task[T] | None = None

    def begin(self) -> None:
        self._task = self._loop.create_task(self._work)
        self._task.add_done_callback(self._tell)

    def cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _tell(self, task: "asyncio.Task[T]") -> None:
        if task.cancelled():
            self.outcome.set_exception(futures.CancelledError())
        elif (error := task.exception()) is not None:
            self.outcome.set_exception(error)
        else:
            self.outcome.set_result(task.result())


def _waited(outcome: "futures.Future[T]") -> T:
    """What comes of it. In the main thread one looks up now and then: a signal that comes in the moment before the
    interpreter begins to wait for a lock is not seen until it stops waiting."""
    pause = _LOOK_UP if threading.current_thread() is threading.main_thread() else None
    while True:
        try:
            return outcome.result(pause)
        except TimeoutError:
            if outcome.done():
                return outcome.result()


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()


def start(loop: asyncio.AbstractEventLoop, work: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """Start a coroutine on a loop, from any thread, and do not wait for it."""
    loop.call_soon_threadsafe(lambda: _keep(loop.create_task(work())))


_TASKS: set[asyncio.Task[object]] = set()


def _keep(task: "asyncio.Task[object]") -> None:
    """A loop holds its tasks weakly."""
    _TASKS.add(task)
    task.add_done_callback(_TASKS.discard)


#: The one of this process.
BACKGROUND = Background()

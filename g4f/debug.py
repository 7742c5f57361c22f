"""Say what the library does: which provider was tried, what it answered, why the next one was tried.

`g4f.debug.logging = True` or `enable_logging()` turns it on for a program, `G4F_DEBUG=1` for a process. The lines are
those of the daemon's log at its debug level: no prompt, no answer and no key is in them.
"""

import sys
from collections import deque
from collections.abc import Callable
from types import ModuleType
from typing import Any

#: The last lines of `log` and `error`, oldest first.
logs: deque[str] = deque(maxlen=1000)
#: Where lines of `log` and `error` go; None: to standard error.
log_handler: Callable[..., Any] | None = None
#: Never looked up: the version of the package says what it is, and nothing asks whether there is a newer one.
version_check: bool = False
#: The names of who answered last in this process, and of the model as that provider calls it.
last_provider: str | None = None
last_model: str | None = None
logging: bool

_listeners: list[Callable[[bool], None]] = []


def enable_logging(handler: Callable[..., Any] | None = None) -> None:
    """Write what happens; `handler` is called with the texts of `log` and `error` in place of standard error."""
    _THIS.log_handler = handler or log_handler
    _THIS.logging = True


def disable_logging() -> None:
    _THIS.logging = False


def log(*text: Any) -> None:
    """A line for whoever debugs the program; nothing while logging is off."""
    if _THIS.logging:
        _say(*text)


def error(*problems: Any) -> None:
    """As `log`; an exception is shown by its type and its text."""
    log(*(f"{type(p).__name__}: {p}" if isinstance(p, BaseException) else p for p in problems))


def watch(listener: Callable[[bool], None]) -> None:
    """Tell `listener` of every change of `logging` from now on."""
    _listeners.append(listener)


def _say(*text: Any) -> None:
    line = " ".join(map(str, text))
    logs.append(line)
    if log_handler is not None:
        log_handler(*text)
    else:
        print(line, file=sys.stderr)


class _Debug(ModuleType):
    """The module itself: a change of `logging` has an effect at once."""

    @property
    def logging(self) -> bool:
        return self._on

    @logging.setter
    def logging(self, on: bool) -> None:
        if self._on == bool(on):
            return
        self._on = bool(on)
        for listener in _listeners:
            listener(self._on)

    _on = False


_THIS: Any = sys.modules[__name__]
_THIS.__class__ = _Debug

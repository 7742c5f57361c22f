"""What the condition of a target is decided on: the time, the model, and what became of the target's attempts."""

import time
from collections.abc import Callable
from functools import cached_property

from g4f.config.condition import WEEKDAYS
from g4f.router.history import History


class TargetFacts:
    """The facts of one target for one request. The wall clock is read when a condition first asks for it."""

    def __init__(
        self, history: History, *, model: str, stream: bool, now: float, local: Callable[[], time.struct_time]
    ) -> None:
        self._model = model
        self._history = history
        self._stream = stream
        self._now = now
        self._local = local

    @cached_property
    def _time(self) -> time.struct_time:
        return self._local()

    @property
    def model(self) -> str:
        return self._model

    @property
    def hour(self) -> int:
        return self._time.tm_hour

    @property
    def minute(self) -> int:
        return self._time.tm_min

    @property
    def weekday(self) -> str:
        return WEEKDAYS[self._time.tm_wday]

    def errors(self, seconds: float) -> float:
        """Failures that count against the target; an empty answer counts half."""
        return self._history.over(self._now, seconds)[1]

    def attempts(self, seconds: float) -> float:
        """Attempts that ended well, or with a failure that counts."""
        return self._history.over(self._now, seconds)[0]

    def latency(self) -> float:
        """Seconds to the first content on average; 0 while nothing is known, so that a limit lets the target begin."""
        return self._history.latency(stream=self._stream) or 0.0

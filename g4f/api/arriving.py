"""Requests whose body is still to come, for the moment in which it mostly does: many clients send head and body in
two pieces, and large bodies come in several.

Nothing has begun for them yet. When the body is there they are as if they had come at once, and after the moment a
task waits for it, with the patience and the bounds of `body.py`.
"""

from typing import TYPE_CHECKING, Self

from g4f.api.state import SMALL_BODY
from g4f.meter.entry import CLIENT_LEFT

if TYPE_CHECKING:
    from g4f.api.express import Express

#: Seconds for which no task waits.
MOMENT = 0.05


class Arriving:
    """One such request, from a client whose last requests needed no task."""

    __slots__ = ("_express", "_small", "_timer")

    def __init__(self, express: "Express") -> None:
        self._express = express
        self._small = express.announced <= SMALL_BODY
        self._timer = express.connection.loop.call_later(MOMENT, self.take_over)
        express.state.waiting += self._small
        express.state.enter_taskless(self)

    @classmethod
    def begin(cls, express: "Express") -> Self | None:
        """Begin to wait, unless a task has to look at the request first."""
        plain, state = express.plain, express.state
        if plain.caller is None or plain.ready_for is not state.doorkeeper:
            return None
        return cls(express) if express.announced <= state.server.max_body and state.has_room() else None

    def leave(self) -> None:
        """Nothing is waited for any more."""
        self._timer.cancel()
        state = self._express.state
        state.waiting -= self._small
        state.leave_taskless(self)

    def take_over(self) -> None:
        """Let a task wait."""
        self._express.go_on(self._express.asking())
        self.leave()

    def lost(self) -> None:
        """The client has left."""
        self.leave()
        express = self._express
        express.line.caller = express.plain.caller or express.line.caller
        express.end(CLIENT_LEFT)

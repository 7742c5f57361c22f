"""Plain chats answered without a task: begun in the step of the loop in which they came, and ended in that in which
their reply did.

It is the express way of `express.py` for what takes the ordinary course: a key without limits, a first target whose
connection is there, a whole answer that is good. Whatever is not ordinary goes on in a task, from where it is, and no
client, log or metric can tell the difference.
"""

import time
from typing import TYPE_CHECKING

from g4f.api.body import check_crowd
from g4f.api.downstream import SLICE
from g4f.api.handlers.chat import LONGEST_NAME, Chat, expected
from g4f.api.plain import Plain
from g4f.api.state import ServerState
from g4f.api.whole import Whole
from g4f.api.wire import finished_head, shared_head
from g4f.exchange.answer import Completion
from g4f.exchange.request import Dialect, Request
from g4f.gateway.lane import Lane
from g4f.gateway.record import AttemptRecord
from g4f.meter.entry import CLIENT_LEFT
from g4f.providers.connection import Connection

if TYPE_CHECKING:
    from g4f.api.express import Express


class Taskless:
    """One such chat, while its upstream has not answered."""

    __slots__ = ("_asked", "_began", "_chat", "_express", "_lane", "_upstream")

    def __init__(self, express: "Express", chat: Chat, asked: Request, lane: Lane) -> None:
        self._express = express
        self._chat = chat
        self._asked = asked
        self._lane = lane
        self._began = time.perf_counter()
        self._upstream: Connection

    @classmethod
    def begin(cls, express: "Express", body: bytes) -> "Taskless | None":
        """Begin, unless there is something about the request that takes a task."""
        plain, state, line = express.plain, express.state, express.line
        caller, chat = plain.caller, plain.handler
        if plain.ready_for is not state.doorkeeper:
            if not _is_ready(plain, state):
                return None
            plain.ready_for = state.doorkeeper
        if caller is None or not isinstance(chat, Chat):
            return None
        server = state.server
        if express.announced > server.max_body or not state.has_room():
            return None
        try:
            if express.announced > server.max_objects:
                check_crowd(body, server.max_objects)
            express.asked = asked = chat.read(express, body)
            lane = express.gateway.lane(asked) if caller.sees(asked.model) else None
            if lane is None:
                return None
            self = cls(express, chat, asked, lane)
            upstream = lane.ask(asked, self)
        except Exception:  # noqa: BLE001 - the task finds the same, and tells the client
            return None
        if upstream is None:
            return None
        self._upstream = upstream
        line.caller = caller
        line.fields["model"] = asked.model[:LONGEST_NAME]
        line.fields["stream"] = False
        expected(line, len(body), asked)
        caller.allowance.enter()
        state.enter_taskless(self)
        return self

    def told(self) -> None:
        """There is something to see: nearly always the whole reply."""
        landed = self._lane.landed(self._upstream, self._asked, self._express.line.journey, self._began)
        if landed is None:
            self.take_over()
            return
        self._leave()
        try:
            self._answer(*landed)
        except Exception as error:  # noqa: BLE001 - as in the gate: a bug is this request's 500
            self._express.go_on(_raised(error))

    def _answer(self, record: AttemptRecord, completion: Completion) -> None:
        express = self._express
        line, connection = express.line, express.connection
        line.committed(record)
        line.finished(completion.usage, completion.finish)
        wire = completion.wire
        if len(wire) > SLICE:
            headers = {**self._headers(record, completion), "x-request-id": line.request_id}
            express.go_on(_given(Whole(200, wire, headers)))
            return
        express.closes = close = express.closing()
        shared = self._lane.heads.get((completion.media_type, close))
        if shared is None:
            shared = shared_head(self._headers(record, completion), close=close)
            self._lane.heads[completion.media_type, close] = shared
        connection.transport.write(finished_head(shared, line.request_id, len(wire)) + wire)
        if connection.writing_paused:
            express.go_on(express.flushed())
        else:
            express.end(200)

    def _headers(self, record: AttemptRecord, completion: Completion) -> dict[str, str]:
        line = self._express.line
        generation = str(line.journey.generation)
        return {"Content-Type": completion.media_type, "x-g4f-generation": generation, **line.route(record)}

    def take_over(self) -> None:
        """Go on in a task."""
        express, asked = self._express, self._asked
        flight = self._lane.flight(self._upstream, asked, self._began, self._lane.leave(self))
        express.state.leave_taskless(self)
        express.go_on(self._chat.go_on(express, asked, flight))

    def lost(self) -> None:
        """The client has left."""
        express, lane = self._express, self._lane
        if lane.snapshot.is_last:  # there is more to do now than to leave
            self.take_over()
            express.connection.loop.call_soon(express.lost)
            return
        lane.abandon(self._upstream, express.line.journey, self._began)
        self._leave()
        express.end(CLIENT_LEFT)

    def _leave(self) -> None:
        express = self._express
        self._lane.leave(self)
        express.line.caller.allowance.leave()
        express.state.leave_taskless(self)


def _is_ready(plain: Plain, state: ServerState) -> bool:
    """Whether requests with this head need no task, as long as the configuration is the same: the door was passed with
    it before, which depended on nothing else, and its key has no limits."""
    if plain.caller is None or plain.door is not state.doorkeeper or plain.caller.allowance.is_limited:
        return False
    chat = plain.handler
    is_chat = isinstance(chat, Chat) and chat.dialect is Dialect.OPENAI
    return is_chat and plain.is_json and not plain.is_particular and not state.tracing_on


async def _given(whole: Whole) -> Whole:
    return whole


async def _raised(error: Exception) -> Whole:
    raise error

"""A provider of OpenAI's dialect, asked for whole chats in the words of its callers without anybody waiting for it.

Nearly all replies are whole and good by the time there is anything to say about them: `completion` reads those in one
step. Any other is waited for and judged by `Endpoint.complete`, to which the connection is given with the call.
"""

from collections.abc import Callable, Collection
from functools import partial

from g4f.dialects.fields import write_object
from g4f.dialects.openai.completion import decode_completion
from g4f.exchange.answer import Completion
from g4f.exchange.request import Request
from g4f.providers.connection import Connection
from g4f.providers.direct import DirectPool
from g4f.providers.reply import HTML, MAX_BODY, media_type
from g4f.providers.route import Prepared
from g4f.providers.types import Send


class Straight:
    """How one provider is asked for one of its models with one of its keys. `secrets` never come out of it."""

    __slots__ = ("_model", "_name", "_pool", "_prepared", "_secrets")

    def __init__(
        self, pool: DirectPool, prepared: Prepared, *, name: str, model: str, secrets: Collection[str]
    ) -> None:
        self._pool = pool
        self._prepared = prepared
        self._name = name
        self._model = model
        self._secrets = secrets

    def launch(self, request: Request, told: Callable[[], None]) -> Connection | None:
        """Send a chat on a connection that is there already; `told` is called once, when there is something to see of
        its reply. None where there is no such connection. Raises RequestError."""
        pool, payload = self._pool, request.payload
        if not pool.idle:
            return None
        if payload.get("model") != self._model:
            payload = {**payload, "model": self._model}
        return pool.launch(self._prepared, write_object(payload), told)

    def completion(self, connection: Connection, request: Request) -> Completion | None:
        """The answer, if the reply is a good one that is all here. Nothing is changed by looking."""
        if connection.status != 200 or not connection.complete or connection.closed:
            return None
        first, body = connection.first, connection.peek()
        kind = first.get(b"content-type")
        if b"content-encoding" in first or kind is None or media_type(kind) == HTML or not 0 < len(body) <= MAX_BODY:
            return None
        try:
            return decode_completion(body, request=request, provider=self._name, secrets=self._secrets)
        except Exception:  # noqa: BLE001 - who waits for it finds the same, and says what it is
            return None

    def done(self, connection: Connection) -> None:
        """Nobody will look at the reply again: it was read, or nobody wants it any more."""
        if connection.complete:
            connection.drop()
        self._pool.done(connection)

    def send_on(self, connection: Connection) -> Send:
        """As `send` of its pool, but that the request went out on a connection already."""
        return partial(self._pool.send, launched=connection)

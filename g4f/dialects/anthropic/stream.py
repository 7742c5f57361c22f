"""A stream of Messages, read: the events that it must have, whether it said anything, and how it ended.

It is complete by `message_stop`, or when it ends after a `message_delta` that gave the reason: the end of the bytes
alone proves nothing.
"""

from abc import abstractmethod
from typing import Any, TypeVar

from g4f.dialects.anthropic.wire import Json, finish_of, usage_of
from g4f.dialects.face import Origin
from g4f.dialects.openai.errors import failure_of_error
from g4f.dialects.openai.wire import bad_response, empty_completion, loads
from g4f.dialects.reading import Reading
from g4f.dialects.sse import Event, Parser
from g4f.exchange.answer import Usage
from g4f.exchange.failure import AttemptFailed

Out = TypeVar("Out")

#: Blocks that are something said as soon as they begin; a text begins empty.
_SAYING = frozenset({"tool_use", "server_tool_use", "mcp_tool_use", "redacted_thinking"})


class MessageStream(Reading[Event, Out]):
    """What relay and decoder share. `_finish` is the hub's reason once there is one."""

    def __init__(self, origin: Origin) -> None:
        super().__init__(Parser(), origin.provider)
        self._secrets = origin.secrets
        self._began: Any = None
        self._reason: str | None = None
        self._said = False

    @abstractmethod
    def _event(self, event: Json, source: bytes, out: list[Out]) -> None:
        """One event, checked, and the bytes it was decoded from."""

    @abstractmethod
    def _stop(self, out: list[Out]) -> None:
        """The answer is complete, but its last event did not come."""

    def _take(self, piece: Event, out: list[Out]) -> None:
        data = piece.data.strip()
        if not data:
            return
        try:
            event, source = loads(data)
        except ValueError as error:
            raise bad_response(f"{self._provider} sent an event that is not JSON") from error
        if not isinstance(event, dict):
            raise bad_response(f"{self._provider} sent an event that is not a JSON object")
        kind = event.get("type")
        if kind == "error" or piece.event == "error":
            raise AttemptFailed(failure_of_error(event.get("error") or event, secrets=self._secrets))
        if not isinstance(kind, str):
            raise bad_response(f"{self._provider} sent an event without a type")
        if kind == "message_stop":
            self._check_said()
            self.finished = True
        self._event(event, source, out)

    def _end(self, out: list[Out]) -> None:
        if self._reason is None:
            raise self._broken_off()
        self._stop(out)
        self.finished = True

    def _check_said(self) -> None:
        """Nothing was said, and the model is content with that: a failure, not an answer."""
        if not self._said and self._reason in (None, "stop"):
            raise empty_completion(self._provider)

    def _usage(self, event: Json) -> Usage | None:
        """The usage after `message_start` or `message_delta`; the later counts stand."""
        if event["type"] == "message_start":
            message = event.get("message")
            self._began = message.get("usage") if isinstance(message, dict) else None
            return usage_of(self._began)
        return usage_of(self._began, event.get("usage"))

    def _ended(self, event: Json) -> str | None:
        """The reason in a `message_delta`, as the hub has it."""
        delta = event.get("delta")
        reason = delta.get("stop_reason") if isinstance(delta, dict) else None
        if isinstance(reason, str):
            self._reason = finish_of(reason)
            self._check_said()
            return self._reason
        return None

    def _says(self, event: Json) -> bool:
        """Whether a `content_block_start` or a `content_block_delta` carries something a user sees."""
        if event["type"] == "content_block_delta":
            delta = event.get("delta")
            says = isinstance(delta, dict) and any(value for key, value in delta.items() if key != "type")
        else:
            block = event.get("content_block")
            says = isinstance(block, dict) and bool(
                block.get("text") or block.get("thinking") or block.get("type") in _SAYING
            )
        self._said = self._said or says
        return says

"""A stream of Ollama's, read line by line: errors in it found, and the end of it believed only when it is said."""

from abc import abstractmethod
from typing import TypeVar

from g4f.dialects.face import Origin
from g4f.dialects.ndjson import Lines
from g4f.dialects.ollama.errors import failure_in_stream
from g4f.dialects.ollama.wire import Json
from g4f.dialects.openai.wire import bad_response, empty_completion, loads
from g4f.dialects.reading import Reading
from g4f.exchange.failure import AttemptFailed

Out = TypeVar("Out")


class LineStream(Reading[bytes, Out]):
    """What relay and decoder share. It is complete by a line with `done: true`."""

    def __init__(self, origin: Origin) -> None:
        super().__init__(Lines(), origin.provider)
        self._secrets = origin.secrets
        self._said = False

    @abstractmethod
    def _line(self, piece: Json, source: bytes, out: list[Out]) -> None:
        """One line, checked, and the bytes it was decoded from."""

    def _take(self, piece: bytes, out: list[Out]) -> None:
        try:
            value, source = loads(piece)
        except ValueError as error:
            raise bad_response(f"{self._provider} sent a line that is not JSON") from error
        if not isinstance(value, dict):
            raise bad_response(f"{self._provider} sent a line that is not a JSON object")
        if value.get("error"):
            raise AttemptFailed(failure_in_stream(value["error"], secrets=self._secrets))
        self._said = says_something(value) or self._said
        if value.get("done") is True:
            if not self._said and finish_of(value) != "length":
                raise empty_completion(self._provider)
            self.finished = True
        self._line(value, source, out)

    def _end(self, out: list[Out]) -> None:
        raise self._broken_off()


def says_something(piece: Json) -> bool:
    """Whether a line carries anything the user sees."""
    message = piece.get("message")
    said = message if isinstance(message, dict) else {}
    return bool(said.get("content") or said.get("thinking") or said.get("tool_calls") or piece.get("response")) or bool(
        piece.get("thinking")
    )


def finish_of(piece: Json) -> str:
    """The hub's finish reason of a last line; older servers give none."""
    reason = piece.get("done_reason")
    return reason if isinstance(reason, str) and reason in ("length", "content_filter") else "stop"

"""A stream of Ollama's for a client of Ollama's: every line goes on as the bytes that came in."""

from g4f.dialects.ollama.stream import LineStream, finish_of, says_something
from g4f.dialects.ollama.wire import Json, usage_of
from g4f.exchange.answer import Frame


class LineRelay(LineStream[Frame]):
    """Upstream bytes in, frames of whole lines out."""

    def _line(self, piece: Json, source: bytes, out: list[Frame]) -> None:
        done = piece.get("done") is True
        finish = finish_of(piece) if done else None
        usage = usage_of(piece) if done else None
        out.append(Frame(source + b"\n", content=says_something(piece), finish=finish, usage=usage, last=done))

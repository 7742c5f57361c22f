"""A stream of Messages for a client of Messages: every event goes on as the bytes that came in."""

from g4f.dialects.anthropic.stream import MessageStream
from g4f.dialects.anthropic.wire import STOP, Json
from g4f.exchange.answer import Frame


class MessageRelay(MessageStream[Frame]):
    """Upstream bytes in, frames of whole events out."""

    def _event(self, event: Json, source: bytes, out: list[Frame]) -> None:
        kind = event["type"]
        # Data of several lines was joined with LF, which would end the event's line.
        wire = b"event: " + _line(kind.encode()) + b"\ndata: " + _line(source) + b"\n\n"
        match kind:
            case "content_block_delta" | "content_block_start":
                out.append(Frame(wire, content=self._says(event)))
            case "message_delta":
                finish = self._ended(event)
                usage = self._usage(event)
                last = self._reason is not None
                out.append(Frame(wire, finish=finish, usage=usage, last=last, ending=STOP if last else b""))
            case "message_start":
                out.append(Frame(wire, usage=self._usage(event)))
            case "message_stop":
                out.append(Frame(wire, last=True))
            case _:  # a ping, or what Anthropic may add: clients are told to ignore what they do not know
                last = self._reason is not None
                out.append(Frame(wire, last=last, ending=STOP if last else b""))

    def _stop(self, out: list[Frame]) -> None:
        out.append(Frame(STOP, last=True))


def _line(text: bytes) -> bytes:
    return text.replace(b"\n", b" ") if b"\n" in text else text

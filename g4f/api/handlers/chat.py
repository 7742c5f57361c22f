"""The chats: POST /v1/chat/completions, the same at one provider or in a conversation, and those of other dialects."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from g4f.api.access import Line
from g4f.api.admission import BYTES_PER_TOKEN, Ticket, estimate
from g4f.api.inbound import Inbound
from g4f.api.stream import Wording, stream_answer
from g4f.api.whole import Whole
from g4f.dialects.face import Front
from g4f.dialects.fields import LARGE, undisturbed
from g4f.dialects.registry import front
from g4f.exchange.request import Dialect, Request
from g4f.gateway.lane import Flight

#: Characters of a model's name that the log takes: it is whatever a client wrote.
LONGEST_NAME = 200


class Chat:
    """A handler: it answers chats of a dialect, whole or streamed, by the chain of their model."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    async def __call__(self, inbound: Inbound) -> Whole | None:
        with inbound.line.caller.allowance.admit(inbound.announced) as ticket:
            body = await inbound.body()
            asked = admitted(inbound, inbound.asked or self.read(inbound, body))
            reserve(inbound, ticket, body, asked)
            return await answer(inbound, asked, ticket, front(self.dialect))

    def read(self, inbound: Inbound, body: bytes | bytearray) -> Request:
        """The chat that a request asks for. Raises RequestError."""
        return decode(inbound, body, front(self.dialect), inbound.variables)

    async def go_on(self, inbound: Inbound, asked: Request, flight: Flight) -> Whole | None:
        """The answer to a request whose first attempt is under way, and whose caller has entered."""
        with Ticket(inbound.line.caller.allowance) as ticket:
            return await answer(inbound, asked, ticket, front(self.dialect), flight)


def decode(inbound: Inbound, body: bytes | bytearray, face: Front, path: Mapping[str, str]) -> Request:
    """The chat that a request asks for. `path` is as in `Front.decode_request`."""
    read = partial(face.decode_request, request_id=inbound.line.request_id, path=path, headers=inbound.headers)
    return read(body) if len(body) < LARGE else undisturbed(read, body)


def admitted(inbound: Inbound, asked: Request) -> Request:
    """What was asked for, noted in the log, if the caller may ask for it; from the provider that the URL names."""
    line = inbound.line
    provider = inbound.variables.get("provider") or inbound.query("provider")
    asked = asked if provider is None else replace(asked, provider=provider)
    control = inbound.headers.get("Cache-Control")
    asked = asked if control is None else replace(asked, cache_control=f"{control.lower()}, {asked.cache_control}")
    asked = inbound.gateway.with_model(asked, line.caller.sees)
    line.fields.update(model=asked.model[:LONGEST_NAME], stream=asked.stream)
    line.caller.check_model(asked.model)
    return asked


def reserve(inbound: Inbound, ticket: Ticket, body: bytes | bytearray, asked: Request) -> None:
    """Set aside the tokens that the request may come to."""
    ticket.reserve(expected(inbound.line, len(body), asked))


def expected(line: Line, size: int, asked: Request) -> int:
    """The tokens that a request with a body of `size` bytes may come to, noted in its line."""
    line.body_tokens, line.reserved = size // BYTES_PER_TOKEN, estimate(size, asked.payload)
    return line.reserved


async def answer(
    inbound: Inbound, asked: Request, ticket: Ticket, face: Wording, flight: Flight | None = None
) -> Whole | None:
    """The answer to a request, by the chain of its model. `flight` is what was begun of it already."""
    if inbound.state.tracing is not None:
        inbound.line.journey.trace = inbound.state.tracing.begin(inbound.headers)
    if asked.stream:
        await stream_answer(inbound, asked, ticket, face)
        return None
    line = inbound.line
    answer = await inbound.gateway.answer(asked, line.journey, caller=line.caller.name, flight=flight)
    try:
        line.committed(answer.record)
        whole = answer.completion
        if whole is None:
            raise TypeError("a request without stream got a stream")
        headers = {
            "Content-Type": whole.media_type,
            **line.headers(answer.generation),
            **line.route(answer.record, answer.cache),
        }
        headers[face.id_header] = line.request_id
        return Whole(200, whole.wire, headers)
    finally:
        line.finished(answer.usage, answer.finish)
        ticket.settle(answer.usage)
        await answer.aclose()

"""The chats: POST /v1/chat/completions, the same at one provider or in a conversation, and those of other dialects."""

from dataclasses import replace

from g4f.api.admission import BYTES_PER_TOKEN, Ticket, estimate
from g4f.api.inbound import Handler, Inbound
from g4f.api.responses import Whole
from g4f.api.stream import stream_answer
from g4f.dialects.face import Front
from g4f.dialects.registry import front
from g4f.exchange.request import Dialect, Request


def chat(dialect: Dialect) -> Handler:
    """The handler that answers chats of a dialect, whole or streamed, by the chain of their model."""

    async def handler(inbound: Inbound) -> Whole | None:
        face = front(dialect)
        with inbound.line.caller.allowance.admit(inbound.announced) as ticket:
            asked = await _decode(inbound, ticket, face)
            if asked.stream:
                await stream_answer(inbound, asked, ticket, face)
                return None
            return await _complete(inbound, asked, ticket)

    return handler


async def _complete(inbound: Inbound, asked: Request, ticket: Ticket) -> Whole:
    line = inbound.line
    answer = await inbound.gateway.answer(asked, line.journey, caller=line.caller.name)
    try:
        line.committed(answer)
        whole = answer.completion
        if whole is None:
            raise TypeError("a request without stream got a stream")
        headers = {"Content-Type": whole.media_type, **line.headers(answer.generation), **line.route(answer)}
        return Whole(200, whole.wire, headers)
    finally:
        line.finished(answer)
        ticket.settle(answer.usage)
        await answer.aclose()


async def _decode(inbound: Inbound, ticket: Ticket, face: Front) -> Request:
    """The chat that a request asks for, if its caller may ask for it."""
    line = inbound.line
    body = await inbound.body()
    asked = face.decode_request(body, request_id=line.request_id, path=inbound.variables, headers=inbound.headers)
    asked = inbound.gateway.with_model(asked)
    line.fields.update(model=asked.model, stream=asked.stream)
    line.caller.check_model(asked.model)
    line.body_tokens, line.reserved = len(body) // BYTES_PER_TOKEN, estimate(len(body), asked.payload)
    ticket.reserve(line.reserved)
    provider = inbound.variables.get("provider") or inbound.query("provider")
    return asked if provider is None else replace(asked, provider=provider)

"""What is asked for beside chats, by the same chains: completions, embeddings, moderations, rankings, images, audio."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from g4f.api.admission import BYTES_PER_TOKEN, Ticket
from g4f.api.handlers import chat
from g4f.api.inbound import Handler, Inbound
from g4f.api.whole import Whole
from g4f.dialects.multipart import is_form
from g4f.dialects.openai.operation import IMAGES, decode_operation, is_raw
from g4f.dialects.openai.wire import DONE, encode_stream_error
from g4f.exchange.request import Operation, Request


@dataclass(frozen=True, slots=True)
class Events:
    """Server-sent events, as OpenAI streams everything but audio."""

    terminator: bytes = b""
    media_type: str = "text/event-stream; charset=utf-8"
    keepalive: bytes = b": keepalive\n\n"
    id_header: str = "x-request-id"

    def encode_stream_error(self, error: Mapping[str, Any], *, status: int, request_id: str) -> bytes:
        """The only form that every client raises on."""
        return encode_stream_error(error)


@dataclass(frozen=True, slots=True)
class Raw:
    """A file as it comes: there is no place in it for comments, nor for errors."""

    terminator: bytes = b""
    media_type: str = "application/octet-stream"
    keepalive: bytes = b""
    id_header: str = "x-request-id"

    def encode_stream_error(self, error: Mapping[str, Any], *, status: int, request_id: str) -> bytes:
        """Nothing: the connection is cut."""
        return b""


def operation(kind: Operation) -> Handler:
    """The handler of an operation, asked for and answered in OpenAI's words."""

    async def handler(inbound: Inbound) -> Whole | None:
        # A file is not counted in tokens before anybody has looked at it.
        size = 0 if is_form(_content_type(inbound)) else inbound.announced
        with inbound.line.caller.allowance.admit(size) as ticket:
            asked = await _decode(inbound, ticket, kind)
            return await chat.answer(inbound, asked, ticket, _wording(asked))

    return handler


def _wording(asked: Request) -> Events | Raw:
    if is_raw(asked.operation, asked.payload):
        return Raw()
    return Events(DONE if asked.operation is Operation.COMPLETION else b"")


def _content_type(inbound: Inbound) -> str:
    return inbound.headers.get("Content-Type", "application/json")


async def _decode(inbound: Inbound, ticket: Ticket, kind: Operation) -> Request:
    """What a request asks for, if its caller may ask for it."""
    line = inbound.line
    body = await inbound.body(forms=True)
    asked = decode_operation(kind, body, content_type=_content_type(inbound), request_id=line.request_id)
    if asked.operation in IMAGES and not asked.stream:
        asked = replace(asked, links=_links(inbound))
    asked = chat.admitted(inbound, asked)
    line.body_tokens = (len(body) - sum(len(file.content) for file in asked.files)) // BYTES_PER_TOKEN
    line.reserved = line.body_tokens + _to_come(asked)
    ticket.reserve(line.reserved)
    return asked


def _links(inbound: Inbound) -> str:
    """What links to files begin with: as the client reaches us, unless the configuration says how."""
    return f"{inbound.gateway.snapshot.config.media.url or 'http://' + inbound.headers.get('Host', '')}/media/"


def _to_come(asked: Request) -> int:
    """The tokens that an answer may have. What is made for anything but a text nobody can tell before."""
    most = asked.payload.get("max_tokens") if asked.operation is Operation.COMPLETION else None
    return max(int(most or 0), 0) * int(asked.payload.get("n", 1))

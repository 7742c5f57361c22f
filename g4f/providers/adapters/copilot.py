"""Copilot: Microsoft's consumer chat, by the protocol of its web page and the session that its user uploaded.

A conversation is begun (`POST /c/api/conversations`) and spoken in over a WebSocket (`/c/api/chat`). No bot check is
solved: one is a failure, and the next target is asked. The session is what `g4f.cookies` has for the host; a key of
the row is its access token. Without either there is the page's own anonymous use.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
import orjson

from g4f.cookies import get_cookies, get_headers
from g4f.dialects.face import Outgoing
from g4f.dialects.openai.face import OpenAIUpstream
from g4f.dialects.openai.wire import bad_response
from g4f.exchange.events import Event
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.providers.adapters.by_events import ByEvents
from g4f.providers.adapters.copilot_words import MODES, Answer, dropped, prompt_of, question
from g4f.providers.endpoint import EndpointOptions
from g4f.providers.proxied import ProxiedPool
from g4f.providers.transport import Pools
from g4f.providers.types import Adapter, Call
from g4f.version import __version__

#: Bytes of one message, and messages of one answer.
MAX_MESSAGE = 1 << 20
MAX_MESSAGES = 100_000


class Copilot(ByEvents):
    """The adapter of the consumer chat."""

    def __init__(self, options: EndpointOptions, pools: Pools) -> None:
        super().__init__(options, pools, OpenAIUpstream())
        parts = urlsplit(options.base_url)
        self._host = parts.hostname or ""
        self._address = f"{parts.scheme.replace('http', 'ws')}://{parts.netloc}/c/api/chat?api-version=2"
        self._keys, self._known = options.keys, self._secrets
        self._sockets = ProxiedPool(options.proxy)

    async def models(self, *, key: str | None, connect: float) -> Sequence[str]:
        return list(MODES)

    async def close(self) -> None:
        await self._sockets.close()
        await super().close()

    async def events(self, call: Call) -> AsyncGenerator[Event]:
        prompt = prompt_of(call.request.payload, self.name)
        call.dropped = (*call.dropped, *dropped(call.request.payload))
        headers, token = await asyncio.to_thread(self._session, call.key)
        conversation = await self._begin(call, headers)
        address = f"{self._address}&accessToken={quote(token, safe='')}" if token else self._address
        headers = {name: value for name, value in headers.items() if name != "Authorization"}
        headers["User-Agent"] = f"g4f/{__version__}"
        socket = await self._sockets.open_socket(address, headers, connect=call.connect, largest=MAX_MESSAGE)
        answer = Answer(self._origin(call))
        try:
            await _send(socket, question(prompt, conversation, call.model))
            async for message in self._messages(socket):
                for event in answer.take(message):
                    yield event
                if answer.finished:
                    return
        finally:
            await socket.close()

    def _session(self, key: str | None) -> tuple[dict[str, str], str | None]:
        """The headers of the user's session, and its token. Files may be read: not for the loop."""
        cookies = get_cookies(self._host)
        authorization = get_headers(self._host).get("authorization", "")
        token = authorization.partition(" ")[2] if key is None else self._keys[key]
        self._secrets = (*self._known, *cookies.values(), *([token] if token else ()))
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {}
        if token and key is None:  # a key is among the headers of every request
            headers["Authorization"] = f"Bearer {token}"
        return headers, token or None

    async def _begin(self, call: Call, headers: Mapping[str, str]) -> str:
        """Begin a conversation; returns its id."""
        reply = await self.send(call, Outgoing(path="/c/api/conversations", body=b"{}", headers=headers), whole=True)
        try:
            begun = orjson.loads(await reply.read())
        except orjson.JSONDecodeError:
            begun = None
        finally:
            reply.close()
        found = begun.get("id") if isinstance(begun, dict) else None
        if not isinstance(found, str) or not found:
            raise bad_response(f"{self.name} began no conversation")
        return found

    async def _messages(self, socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[dict[str, Any]]:
        for _ in range(MAX_MESSAGES):
            message = await socket.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                break
            try:
                value = orjson.loads(message.data)
            except orjson.JSONDecodeError:
                value = None
            if not isinstance(value, dict):
                raise bad_response(f"{self.name} sent a message that is no JSON object")
            yield value
        text = f"{self.name} ended the conversation before the answer was complete"
        raise AttemptFailed(Failure(kind=FailureKind.DISCONNECTED, message=text))


async def _send(socket: aiohttp.ClientWebSocketResponse, message: Mapping[str, Any]) -> None:
    try:
        await socket.send_str(orjson.dumps(message).decode())
    except (aiohttp.ClientError, OSError):
        text = "The connection was closed before the question was sent."
        raise AttemptFailed(Failure(kind=FailureKind.DISCONNECTED, message=text)) from None


def bind(options: EndpointOptions, pools: Pools) -> Adapter:
    """The adapter of a row."""
    return Copilot(options, pools)

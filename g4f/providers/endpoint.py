"""The adapter for every provider that speaks a known dialect: a row of data is all it takes.

The request goes out in the provider's dialect and the answer comes back in the caller's. Where the two agree the
answer's events are relayed: looked at, mended where a client would stumble, but not rebuilt.
"""

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from g4f.dialects import openai_chat
from g4f.dialects.openai_errors import decode_error
from g4f.dialects.openai_relay import Relay
from g4f.exchange.answer import Completion, Frame, joined
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.providers.reply import Reply
from g4f.providers.route import Prepared
from g4f.providers.transport import Pools
from g4f.providers.types import Call
from g4f.version import __version__

#: Bytes of an error worth reading, and of a list of models: what is larger is not one.
MAX_ERROR_BODY = 64 << 10
MAX_MODEL_LIST = 4 << 20

_PAGE = Failure(kind=FailureKind.CHALLENGE, message="A web page came instead of an answer.", status=200)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointOptions:
    """`keys` maps the name of a key to its value; `proxy` is a URL. Both hold secrets and are never logged."""

    name: str
    base_url: str
    keys: Mapping[str, str]
    proxy: str | None = None
    headers: Mapping[str, str]


class Endpoint:
    """One provider of the OpenAI dialect."""

    def __init__(self, options: EndpointOptions, pools: Pools) -> None:
        self.name = options.name
        base = options.base_url.rstrip("/")
        self._pools = pools
        self._route, self._pool = pools.take(base, options.proxy)
        shared = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": f"g4f/{__version__}",
            **options.headers,
        }
        self._chat: dict[str | None, Prepared] = {}
        self._list: dict[str | None, Prepared] = {}
        for name in (None, *options.keys):
            value = options.keys[name] if name is not None else None
            sent = {**shared, "Authorization": f"Bearer {value}"} if value else shared
            self._chat[name] = self._pool.prepare("POST", f"{base}/chat/completions", sent)
            self._list[name] = self._pool.prepare("GET", f"{base}/models", sent)
        self._secrets = tuple(s for s in (*options.keys.values(), *options.headers.values()) if s)

    async def complete(self, call: Call) -> Completion:
        reply = await self._post(call)
        try:
            body = await reply.read()
        finally:
            reply.close()
        return openai_chat.decode_completion(body, request=call.request, provider=self.name, secrets=self._secrets)

    async def stream(self, call: Call) -> AsyncGenerator[Frame]:
        reply = await self._post(call)
        try:
            if reply.content_type == "application/json":
                body = await reply.read()
                frames = openai_chat.frames_of_completion(
                    body, request=call.request, provider=self.name, secrets=self._secrets
                )
                for frame in frames:
                    yield frame
                return
            relay = Relay(request=call.request, provider=self.name, now=int(time.time()), secrets=self._secrets)
            chunk = await reply.next_chunk()
            if chunk.lstrip()[:1] == b"<":
                raise AttemptFailed(_PAGE)
            committed = False
            while chunk:
                frames = relay.feed(chunk)
                if committed and frames:
                    yield joined(frames)
                else:
                    for frame in frames:
                        committed = committed or frame.content
                        yield frame
                relay.check()  # raises what came behind those frames, without waiting for more
                if relay.finished:
                    await reply.settle()
                    return
                chunk = await reply.next_chunk()
            for frame in relay.close():
                yield frame
        finally:
            reply.close()

    async def models(self, *, key: str | None, connect: float) -> Sequence[str]:
        reply = await self._pool.send(self._list[key], None, connect=connect)
        try:
            await self._check(reply)
            listed = orjson.loads(await reply.read(MAX_MODEL_LIST))
            items = listed["data"] if isinstance(listed, dict) else listed
            return [item["id"] for item in items if isinstance(item["id"], str)]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise AttemptFailed(
                Failure(kind=FailureKind.BAD_RESPONSE, message="The list of models is not one.")
            ) from None
        finally:
            reply.close()

    async def close(self) -> None:
        await self._pools.give_back(self._route)

    async def _post(self, call: Call) -> Reply:
        body = openai_chat.encode_request(call.request, model=call.model)
        reply = await self._pool.send(self._chat[call.key], body, connect=call.connect)
        try:
            await self._check(reply)
        except BaseException:
            reply.close()
            raise
        return reply

    async def _check(self, reply: Reply) -> None:
        """Anything but a 200 with a body in a format that an answer can have is a failure."""
        if reply.status == 200 and reply.content_type != "text/html":
            return
        if reply.status == 407:
            raise AttemptFailed(
                Failure(kind=FailureKind.PROXY, message="The proxy wants other credentials.", status=407)
            )
        try:
            body = await reply.read(MAX_ERROR_BODY, cut=True)
        except AttemptFailed:
            body = b""  # the status has said enough; a 401 that breaks off is still a 401
        if reply.status == 200:
            raise AttemptFailed(_PAGE)
        raise AttemptFailed(
            decode_error(
                status=reply.status,
                headers=reply.headers,
                body=body,
                now=time.time(),
                secrets=self._secrets,
            )
        )

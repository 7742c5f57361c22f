"""The adapter for every provider that speaks a known dialect: a row of data is all it takes.

The request goes out in the provider's dialect and the answer comes back in the caller's. Where the two agree the
answer's events are relayed: looked at, mended where a client would stumble, but not rebuilt.
"""

import re
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlsplit

from g4f.dialects.bridge import USUAL, Bridge, Habits
from g4f.dialects.face import Origin, Outgoing, Upstream
from g4f.dialects.openai.media_results import silent, speech_type
from g4f.dialects.openai.operation import is_raw
from g4f.dialects.openai.request import CHATS
from g4f.dialects.openai.results import is_json
from g4f.dialects.openai.wire import asks_for_usage
from g4f.dialects.registry import upstream
from g4f.exchange.answer import Completion, Frame
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.exchange.request import Dialect, Operation, Request
from g4f.providers.direct import DirectPool
from g4f.providers.frames import PAGE, ReplyFrames
from g4f.providers.reply import HTML, Reply
from g4f.providers.route import Prepared
from g4f.providers.straight import Straight
from g4f.providers.transport import Pools
from g4f.providers.types import Call, Frames, Send
from g4f.version import __version__

#: Bytes of an error worth reading, and of a list of models: what is larger is not one.
MAX_ERROR_BODY = 64 << 10
MAX_MODEL_LIST = 4 << 20
#: Models of one provider that are listed; the longest list seen has a few thousand.
MAX_MODELS = 10_000
#: Prepared requests that are kept: with some dialects each model has a path of its own.
MAX_PREPARED = 512
#: Fields that are named as dropped. A client may call its fields what it likes, and the names go into a header.
MAX_DROPPED = 20
#: How addresses of an API end in its maker's words, where the paths of requests begin with just that:
#: https://ai.google.dev/api, https://docs.anthropic.com/en/api/overview, https://docs.cohere.com/reference/about and
#: https://docs.ollama.com/api/introduction.
_VERSIONS: Mapping[Dialect, Sequence[str]] = {
    Dialect.ANTHROPIC: ("/v1",),
    Dialect.COHERE: ("/v1", "/v2"),
    Dialect.GEMINI: ("/v1beta",),
    Dialect.OLLAMA: ("/api",),
}
_FIELD = re.compile(r"[\w.\[\]-]{1,64}", re.ASCII).fullmatch


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointOptions:
    """`operations` is what the provider can be asked for. `keys` maps the name of a key to its value; `proxy` is a URL.
    Both hold secrets and are never logged. `api_version` is for adapters whose requests name one, `pause`
    (seconds) for those that look again at what is being made; None is their own."""

    name: str
    dialect: Dialect = Dialect.OPENAI
    operations: frozenset[Operation] = frozenset(Operation)
    base_url: str
    keys: Mapping[str, str]
    proxy: str | None = None
    headers: Mapping[str, str]
    stream_usage: bool = True
    habits: Habits = USUAL
    trace_context: bool = False
    api_version: str | None = None
    pause: float | None = None

    def rooted(self) -> "EndpointOptions":
        """The same for an adapter that takes the root as `base_url`, where the file has it as for OpenAI's SDK."""
        return replace(self, base_url=root_of(self.base_url, ("/v1",)))


def root_of(base_url: str, versions: Sequence[str]) -> str:
    """An address without the version that it may end with, so that no path says it twice."""
    root = base_url.rstrip("/")
    path = urlsplit(root).path  # a host may be called `api`, too
    ending = next((version for version in versions if path.endswith(version)), "")
    return root.removesuffix(ending).rstrip("/")


class Endpoint:
    """One provider of one dialect, or of a `face` of its own, which is what an adapter comes to that only words things
    differently."""

    #: The statuses of answers.
    well: frozenset[int] = frozenset({200})

    def __init__(self, options: EndpointOptions, pools: Pools, face: Upstream | None = None) -> None:
        self.name = options.name
        self._face = face or upstream(options.dialect)
        self._is_openai = face is None and options.dialect is Dialect.OPENAI
        self._tells_trace = options.trace_context
        self._counts = options.stream_usage and options.dialect is Dialect.OPENAI
        self._bridge = Bridge(self._face, options.operations, options.habits)
        self._base = root_of(options.base_url, _VERSIONS.get(options.dialect, ()) if face is None else ())
        self._pools = pools
        self._route, self._pool = pools.take(self._base, options.proxy)
        shared = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": f"g4f/{__version__}",
        }
        self._headers: dict[str | None, dict[str, str]] = {
            name: {**shared, **self._face.headers(options.keys[name] if name is not None else None), **options.headers}
            for name in (None, *options.keys)
        }
        self._prepared: dict[tuple[str | None, str, tuple[str, str] | None], Prepared] = {}
        self._secrets = tuple(s for s in (*options.keys.values(), *options.headers.values()) if s)

    async def complete(self, call: Call) -> Completion:
        reply = await self._post(call, call.request, whole=True)
        try:
            body = await reply.read()
        finally:
            reply.close()
        return self._bridge.completion(body, self._origin(call), media_type=reply.content_type)

    def stream(self, call: Call) -> Frames:
        if is_raw(call.request.operation, call.request.payload):
            return self._file(call)
        origin = self._origin(call)
        return ReplyFrames(
            partial(self._post_stream, call),
            lambda reply: None if is_json(reply.content_type) else self._bridge.reader(origin),
            lambda body, reply: self._bridge.frames_of_completion(body, origin, media_type=reply.content_type),
        )

    async def _file(self, call: Call) -> AsyncGenerator[Frame]:
        """A file as it comes. It is complete when the reply is: its length or its last chunk says so."""
        reply = await self._post_stream(call)
        try:
            origin = self._origin(call)
            if is_json(reply.content_type):
                file = self._bridge.completion(await reply.read(), origin, media_type=reply.content_type)
                call.media_type = file.media_type
                yield Frame(file.wire, content=True, usage=file.usage)
                return
            if reply.content_type.startswith("text/"):
                raise AttemptFailed(PAGE)
            call.media_type = speech_type(reply.content_type, origin)
            empty = True
            while chunk := await reply.next_chunk():
                empty = False
                yield Frame(chunk, content=True)
            if empty:
                raise silent(origin)
        finally:
            reply.close()

    async def models(self, *, key: str | None, connect: float) -> Sequence[str]:
        prepared = self._pool.prepare("GET", self._base + self._face.models_path, self._headers[key])
        reply = await self._pool.send(prepared, None, connect=connect)
        try:
            await self._check(reply)
            return self._face.decode_models(await reply.read(MAX_MODEL_LIST))[:MAX_MODELS]
        except (ValueError, KeyError, TypeError):
            raise AttemptFailed(
                Failure(kind=FailureKind.BAD_RESPONSE, message="The list of models is not one.")
            ) from None
        finally:
            reply.close()

    async def close(self) -> None:
        await self._pools.give_back(self._route)

    def _origin(self, call: Call) -> Origin:
        return Origin(request=call.request, provider=self.name, now=int(time.time()), secrets=self._secrets)

    async def _post_stream(self, call: Call) -> Reply:
        """Ask for a stream, and that its tokens be counted. One that does not know how is not asked again."""
        asked = call.request
        if not self._counts or asked.operation is not Operation.CHAT or asks_for_usage(asked.payload):
            return await self._post(call, asked)
        try:
            return await self._post(call, _counted(asked))
        except AttemptFailed as failed:
            if not _refuses_to_count(failed.failure):
                raise
        self._counts = False
        return await self._post(call, asked)

    def straight(self, model: str, key: str | None) -> Straight | None:
        """The way to ask for whole chats in this provider's own words without waiting; None where there is none."""
        pool = self._pool
        if not isinstance(pool, DirectPool) or not self._is_openai or not self._bridge.is_usual:
            return None
        place = (key, CHATS, None)
        prepared = self._prepared.get(place) or self._prepare(key, Outgoing(path=CHATS, body=b""))
        return Straight(pool, prepared, name=self.name, model=model, secrets=self._secrets)

    async def _post(self, call: Call, request: Request, *, whole: bool = False) -> Reply:
        return await self.send(call, self._bridge.encode(request, model=call.model), whole=whole)

    async def send(self, call: Call, outgoing: Outgoing, *, whole: bool = False) -> Reply:
        """Send a request as it is to go out; the reply is one to an answer. Raises AttemptFailed."""
        lost = call.request.lost if call.request.dialect is not self._face.dialect else ()
        if lost or outgoing.dropped:
            call.dropped = tuple(name for name in (*lost, *outgoing.dropped)[:MAX_DROPPED] if _FIELD(name))
        place = (call.key, outgoing.path, outgoing.replacing)
        prepared = self._prepared.get(place) or self._prepare(call.key, outgoing)
        extra = outgoing.headers
        if outgoing.content_type is not None:
            extra = {**(extra or {}), "Content-Type": outgoing.content_type}
        if call.trace is not None and self._tells_trace:
            extra = {**(extra or {}), **call.trace}
        body = outgoing.body if outgoing.method == "POST" else None
        send: Send = call.send or self._pool.send
        reply = await send(prepared, body, connect=call.connect, extra=extra, whole=whole)
        if reply.status in self.well and reply.content_type != HTML:
            return reply
        try:
            await self._check(reply)
        except BaseException as error:
            reply.close()
            if isinstance(error, AttemptFailed) and call.request.operation is Operation.COUNT_TOKENS:
                raise _not_counted(error.failure) from None
            raise
        return reply

    def _prepare(self, key: str | None, outgoing: Outgoing) -> Prepared:
        headers = self._headers[key] | dict([outgoing.replacing] if outgoing.replacing else ())
        if outgoing.content_type is not None:  # a path takes forms or JSON, never both; each form has its own boundary
            headers = {name: value for name, value in headers.items() if name != "Content-Type"}
        prepared = self._pool.prepare(outgoing.method, self._base + outgoing.path, headers)
        if outgoing.method == "GET":  # what is asked is part of its path: it does not come again
            return prepared
        if len(self._prepared) >= MAX_PREPARED:
            self._prepared.clear()
        self._prepared[key, outgoing.path, outgoing.replacing] = prepared
        return prepared

    async def _check(self, reply: Reply) -> None:
        """Anything but an answer with a body in a format that an answer can have is a failure."""
        if reply.status in self.well and reply.content_type != HTML:
            return
        if reply.status == 407:
            raise AttemptFailed(
                Failure(kind=FailureKind.PROXY, message="The proxy wants other credentials.", status=407)
            )
        try:
            body = await reply.read(MAX_ERROR_BODY, cut=True)
        except AttemptFailed:
            body = b""  # the status has said enough; a 401 that breaks off is still a 401
        if reply.status in self.well:
            raise AttemptFailed(PAGE)
        raise AttemptFailed(
            self._face.decode_error(
                status=reply.status,
                headers=reply.headers,
                body=body,
                now=time.time(),
                secrets=self._secrets,
            )
        )


def _counted(request: Request) -> Request:
    """The request with the wish that the tokens of its stream be counted; clients that did not wish it see no count."""
    options = {**(request.payload.get("stream_options") or {}), "include_usage": True}
    return request.saying({**request.payload, "stream_options": options})


def _refuses_to_count(failure: Failure) -> bool:
    return failure.status in (400, 422) and "stream_options" in f"{failure.message} {failure.param}"


def _not_counted(failure: Failure) -> AttemptFailed:
    """A provider that does not count tokens, or not so many times a minute, can still answer chats."""
    if failure.kind in (FailureKind.NOT_FOUND, FailureKind.RATE_LIMITED):
        failure = replace(failure, kind=FailureKind.UNSUPPORTED)
    return AttemptFailed(failure)

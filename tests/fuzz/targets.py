"""What is fuzzed: a function of bytes for each parser of strangers' input, and the inputs that it begins with.

A target returns nothing. It raises only where the program is wrong: an exception that its caller does not expect, or a
promise that does not hold (the same bytes in other pieces are the same input; no text of an error repeats a secret).
"""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from multidict import CIMultiDict

from g4f.api.head import Head
from g4f.config import condition
from g4f.config.load import load_text
from g4f.cookies import formats
from g4f.dialects.bridge import Bridge
from g4f.dialects.face import Origin, Upstream
from g4f.dialects.multipart import read_form, write_form
from g4f.dialects.ndjson import Lines
from g4f.dialects.openai.operation import decode_operation
from g4f.dialects.registry import front, upstream
from g4f.dialects.scrub import scrub
from g4f.dialects.sse import Event, EventTooLarge, Parser
from g4f.errors import ConfigError, RequestError
from g4f.exchange import retry_after
from g4f.exchange.failure import AttemptFailed
from g4f.exchange.request import Dialect, Operation, Request
from g4f.gateway import cooldowns
from g4f.providers.links import read_data, read_link
from tests.fuzz import seeds

SECRET = "CANARY0secret0value0of0a0key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`run` takes any bytes, and reads them so many times; `seeds` are what they are made of."""

    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    readings: int = 1


def _cut(content: bytes) -> list[bytes]:
    """The same bytes in pieces whose sizes depend on nothing but them."""
    rng = random.Random(len(content))
    pieces = []
    while content:
        size = rng.choice((1, 1, 2, 3, 7, 50))
        pieces.append(content[:size])
        content = content[size:]
    return pieces


def _config(content: bytes) -> None:
    try:
        load_text(content, environ={"A": SECRET, "PATH": "/bin"})
    except ConfigError as error:
        assert SECRET not in str(error)
        assert error.problems


def _sse(content: bytes) -> None:
    def outcome(chunks: Sequence[bytes]) -> tuple[list[Event], bool]:
        parser, events = Parser(512), []
        try:
            for chunk in chunks:
                events += parser.feed(chunk)
            events += parser.close()
        except EventTooLarge:
            return events, True
        return events, False

    assert outcome(_cut(content)) == outcome([content])


def _http(content: bytes) -> None:
    assert _requests(_cut(content)) == _requests([content])


def _requests(chunks: Sequence[bytes]) -> tuple[list[tuple[Any, ...]], bool]:
    """The requests in a stream of bytes, as the connection of a client reads them, and whether a refusal ended it."""
    found: list[tuple[Any, ...]] = []
    kept, head = b"", Head()
    for chunk in chunks:
        try:
            while chunk:
                if head.complete:
                    size = head.cut(chunk)
                    found[-1][1].extend(chunk[:size])
                    chunk = chunk[size:]
                else:
                    if not kept:
                        chunk = chunk.lstrip(b"\r\n")
                    joined = kept + chunk
                    end = joined.find(b"\r\n\r\n") + 4
                    head.feed(joined[len(kept) : end] if end > 3 else chunk)
                    kept, chunk = (joined, b"") if end < 4 else (b"", joined[end:])
                    if end > 3:
                        found.append(((head.method, head.target, head.length), bytearray()))
                if head.ended:
                    head = Head()
        except RequestError as refusal:
            # How much of a body came before it broke is the reader's affair.
            whole = found if head.complete is False else found[:-1]
            assert 400 <= refusal.status < 600
            return whole, True
    return found, False


#: What one vocabulary serves in every dialect: all but chats.
OTHERS = frozenset(Operation) - {Operation.CHAT, Operation.COUNT_TOKENS}
STREAMED = frozenset(
    {Operation.COMPLETION, Operation.SPEECH, Operation.TRANSCRIPTION, Operation.IMAGE_GENERATION, Operation.IMAGE_EDIT}
)
_DURATION = re.compile(rb'_duration":[0-9]+')


#: Every dialect with a face, whichever of them this version has.
def _faces(look_up: Callable[[Dialect], Any]) -> dict[Dialect, Any]:
    found = {}
    for dialect in Dialect:
        with suppress(LookupError):
            found[dialect] = look_up(dialect)
    return found


FRONTS, UPSTREAMS = _faces(front), _faces(upstream)


def _decoded(content: bytes, dialect: Dialect) -> Request | None:
    try:
        return FRONTS[dialect].decode_request(
            content,
            request_id="r",
            path={"model": "m", "call": "generateContent"},
            headers=CIMultiDict({"x-api-key": "k"}),
        )
    except RequestError as refusal:
        assert 400 <= refusal.status < 500
        FRONTS[dialect].encode_error(refusal.body(), status=refusal.status, request_id="r")
        return None
    except RecursionError:
        return None  # the server makes a 400 of it


def _requests_of(dialect: Dialect) -> Callable[[bytes], None]:
    def run(content: bytes) -> None:
        request = _decoded(content, dialect)
        if request is None:
            return
        for face in UPSTREAMS.values():
            with suppress(RequestError, AttemptFailed):
                face.encode_request(request, model="upstream-model")

    return run


def origins(dialect: Dialect, *, stream: bool) -> list[Origin]:
    """A caller of each dialect that asks an upstream of `dialect`."""
    payload = {"model": "m", "messages": [{"role": "user", "content": "x"}], "stream": stream}
    callers = [caller for caller in FRONTS if caller is not dialect] + [dialect]
    return [
        Origin(
            request=Request(id="r", model="m", payload=payload, stream=stream, dialect=caller),
            provider="P",
            now=1_700_000_000,
            secrets=(SECRET,),
        )
        for caller in callers
        if caller in FRONTS
    ]


def _answers_of(dialect: Dialect) -> Callable[[bytes], None]:
    face: Upstream = UPSTREAMS[dialect]
    bridge = Bridge(face, frozenset(Operation))

    def run(content: bytes) -> None:
        for origin in origins(dialect, stream=False):
            with suppress(AttemptFailed):
                assert bridge.completion(content, origin, media_type="application/json").wire
        for origin in origins(dialect, stream=True):
            with suppress(AttemptFailed):
                bridge.frames_of_completion(content, origin, media_type="application/json")
            assert _streamed(bridge, origin, _cut(content)) == _streamed(bridge, origin, [content])
        with suppress(ValueError, KeyError, TypeError):
            face.decode_models(content)

    return run


def _streamed(bridge: Bridge, origin: Origin, chunks: Sequence[bytes]) -> tuple[bytes, str]:
    """What a caller gets of a stream: its bytes, but for how long they took, and the failure."""
    wire, reader = b"", bridge.reader(origin)
    assert reader is not None
    try:
        for chunk in chunks:
            wire += b"".join(bytes(frame.wire) for frame in reader.feed(chunk))
            reader.check()
            if reader.finished:
                break
        else:
            wire += b"".join(bytes(frame.wire) for frame in reader.close())
    except AttemptFailed as failed:
        return _DURATION.sub(b"", wire), failed.failure.kind
    return _DURATION.sub(b"", wire), ""


def _results_of(dialect: Dialect) -> Callable[[bytes], None]:
    bridge = Bridge(UPSTREAMS[dialect], frozenset(Operation))
    payload = {"model": "m", "input": "x", "prompt": "x", "stream": False}

    def run(content: bytes) -> None:
        for operation in OTHERS:
            request = Request(id="r", model="m", payload=payload, operation=operation)
            origin = Origin(request=request, provider="P", now=1_700_000_000, secrets=(SECRET,))
            for media_type in ("application/json", "audio/mpeg", "text/plain"):
                with suppress(AttemptFailed):
                    bridge.completion(content, origin, media_type=media_type)
            for media_type in ("application/json", "text/plain") if operation in STREAMED else ():
                with suppress(AttemptFailed):
                    bridge.frames_of_completion(content, origin, media_type=media_type)

    return run


def _operations(content: bytes) -> None:
    for operation in OTHERS:
        for content_type in ("application/json", "multipart/form-data; boundary=x"):
            with suppress(RequestError):
                request = decode_operation(operation, content, content_type=content_type, request_id="r")
                with suppress(AttemptFailed):
                    Bridge(UPSTREAMS[Dialect.OPENAI], OTHERS).encode(request, model="upstream-model")


def _multipart(content: bytes) -> None:
    with suppress(RequestError):
        form = read_form(content, content_type="multipart/form-data; boundary=x")
        content_type, wire = write_form(form.fields, form.files)
        again = read_form(wire, content_type=content_type)
        assert [bytes(file.content) for file in again.files] == [bytes(file.content) for file in form.files]
        assert [value for _, value in again.fields] == [value for _, value in form.fields]


def _ndjson(content: bytes) -> None:
    def outcome(chunks: Sequence[bytes]) -> tuple[list[bytes], bool]:
        lines, found = Lines(512), []
        try:
            for chunk in chunks:
                found += lines.feed(chunk)
            found += lines.close()
        except EventTooLarge:
            return found, True
        return found, False

    assert outcome(_cut(content)) == outcome([content])


def _errors(content: bytes) -> None:
    text = content.replace(b"SECRET", SECRET.encode())
    for face in UPSTREAMS.values():
        for status in (200, 400, 401, 404, 429, 500, 529, 999):
            failure = face.decode_error(
                status=status, headers=CIMultiDict({"retry-after": "1"}), body=text, now=0.0, secrets=(SECRET,)
            )
            assert SECRET not in f"{failure}"
            assert len(failure.message) <= 512


def _retry_after(content: bytes) -> None:
    value = content.decode("latin-1")
    for name in ("retry-after", "retry-after-ms", "x-ratelimit-reset", "x-ratelimit-reset-tokens", "date"):
        wait = retry_after.parse(CIMultiDict([(name, value), ("retry-after", value[::-1])]), now=1e9)
        assert wait is None or 0 <= wait < float("inf")


class _Facts:
    hour, minute, weekday, model = 3, 4, "mon", "m"

    def errors(self, seconds: float) -> float:
        return 1.0

    def attempts(self, seconds: float) -> float:
        return 0.0

    def latency(self) -> float:
        return 0.5


def _condition(content: bytes) -> None:
    with suppress(condition.WrongCondition):
        parsed = condition.parse(content.decode("utf-8", "surrogateescape"))
        assert parsed.holds(_Facts()) in (True, False)


def _scrub(content: bytes) -> None:
    text = content.replace(b"SECRET", SECRET.encode()).decode("utf-8", "replace")
    shown = scrub(text, (SECRET,))
    assert SECRET not in shown
    assert len(shown) <= 512
    assert shown.isprintable()


def _links(content: bytes) -> None:
    text = content.decode("utf-8", "surrogateescape")
    link = read_link(text)
    if link is not None:
        assert link.origin.isascii()
        assert read_link(link.origin + link.target) == link
    read_data(text, limit=1000)


def _cookies(content: bytes) -> None:
    with suppress(formats.CookieFileError):
        for cookie in formats.decode(content).cookies:
            assert cookie.domain == formats.normal_domain(cookie.domain)


def _state(content: bytes) -> None:
    with suppress(cooldowns.ForeignDocumentError):
        cooldowns.decode(content, {("P", None): "x", ("P", "main"): "y"}, now=0.0, wall=1e9)


def _targets() -> dict[str, Target]:
    fixed = {
        "config": Target(run=_config, seeds=seeds.files("config/good/*.yaml", "config/bad/*.yaml")),
        "sse": Target(run=_sse, seeds=seeds.STREAMS),
        "http": Target(run=_http, seeds=(seeds.POST, seeds.CHUNKS, seeds.POST + seeds.CHUNKS)),
        "errors": Target(
            run=_errors, seeds=(seeds.ERROR, b"<html>Just a moment...</html>", b'[{"error":"x"}]', b'{"detail":[]}')
        ),
        "retry-after": Target(run=_retry_after, seeds=(b"1", b"Wed, 21 Oct 2026 07:28:00 GMT", b"6m0s", b"1700000000")),
        "condition": Target(
            run=_condition, seeds=(b'hour >= 8 and weekday in ("sat", "sun")', b"errors(1h) / attempts(1h) < 0.2")
        ),
        "scrub": Target(
            run=_scrub, seeds=(seeds.ERROR, b"key sk-abcdefgh1234 at https://a/?key=SECRET", b"Bearer SECRET")
        ),
        "multipart": Target(run=_multipart, seeds=(seeds.FORM,)),
        "ndjson": Target(
            run=_ndjson, seeds=(b'{"a":1}\n{"b":2}\r\n\n{"c":3}', *seeds.files("dialects/golden/*/*.ndjson"))
        ),
        "operation": Target(run=_operations, seeds=(seeds.FORM, *seeds.OPERATIONS)),
        "links": Target(run=_links, seeds=tuple((seeds.TESTS / "corpus" / "ssrf.txt").read_bytes().splitlines())),
        "cookies": Target(run=_cookies, seeds=(seeds.HAR, b'[{"name":"a","value":"b","domain":".a.example"}]')),
        "state": Target(run=_state, seeds=(seeds.DOCUMENT,)),
    }
    requests = {f"request-{d}": Target(run=_requests_of(d), seeds=(*seeds.REQUESTS, *seeds.rich(d))) for d in FRONTS}
    answers = {
        f"answer-{d}": Target(
            run=_answers_of(d), seeds=(seeds.WHOLE, seeds.ERROR, *seeds.STREAMS), readings=4 * len(FRONTS)
        )
        for d in UPSTREAMS
    }
    results = {
        f"result-{d}": Target(run=_results_of(d), seeds=(*seeds.RESULTS, seeds.WHOLE, seeds.ERROR))
        for d, face in UPSTREAMS.items()
        if hasattr(face, "decode_result")
    }
    return fixed | requests | answers | results


TARGETS: Mapping[str, Target] = _targets()

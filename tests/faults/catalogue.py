"""The fault catalogue: what an upstream can do to us before its first content, and what a client then sees.

One row is one fault. Read it as: in this fault, alone in its chain, the client gets this status and code after so many
upstream calls; the target is left alone after so many such failures in a row (`cools`, 0 for never), for at least so
many seconds; and a second target answers in its place unless the fault is the request's own.
"""

import zlib
from dataclasses import dataclass, replace
from typing import Any, Literal

from tests.faults.places import Answers, Blackhole, Nowhere, Place, Plaintext, Refused, Tls
from tests.support.http import Request, answer, chunk, head
from tests.support.replies import (
    Choose,
    Close,
    Completion,
    Endless,
    Hang,
    Html,
    Raw,
    Redirect,
    Reply,
    Status,
    Stream,
    error,
    sse,
)

Mode = Literal["whole", "stream"]
BOTH: tuple[Mode, ...] = ("whole", "stream")

SSE = head(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"})
UNTIL_EOF = head(200, {"Content-Type": "text/event-stream"})
ROLE = sse({"id": "c", "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]})
MIB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What is seen of a fault that happens every time."""

    status: int
    code: str
    type: str = "provider_error"
    calls: int = 1
    cools: int
    seconds: float = 5.0
    falls_back: bool = True
    retry_after: str | None = None


@dataclass(frozen=True)
class Row:
    number: int
    fault: str
    place: Place
    seen: Seen
    modes: tuple[Mode, ...] = BOTH
    timed: bool = False
    """Whether the fault is that nothing comes: such rows run with short time limits."""
    transport: bool = False
    """Whether it is a fault of the connection, to be met through a proxy as well."""

    @property
    def id(self) -> str:
        return f"{self.number}: {self.fault}"


def at(reply: Reply, *more: Reply) -> Answers:
    return Answers((reply, *more))


def with_length(body: bytes, /, **headers: str) -> bytes:
    return answer(200, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def said(choice: dict[str, Any]) -> Choose:
    """An answer of one choice, as JSON or as a stream."""

    def reply(request: Request) -> Reply:
        if not request.json.get("stream"):
            return Completion(extra={"choices": [{"index": 0, **choice}]})
        delta = {"index": 0, "delta": choice["message"], "finish_reason": choice["finish_reason"]}
        return Stream([{"id": "c", "choices": [delta]}])

    return Choose(reply)


def compressed(body: bytes, coding: str = "gzip", *, cut: int = 0, kind: str = "application/json") -> Raw:
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | (16 if coding == "gzip" else 0))
    packed = packer.compress(body) + packer.flush()
    return Raw(with_length(packed[: len(packed) - cut], Content_Encoding=coding, Content_Type=kind))


DISCONNECTED = Seen(status=502, code="upstream_disconnected", calls=2, cools=5)
BAD = Seen(status=502, code="upstream_bad_response", calls=2, cools=5)
NOT_HTTP = replace(BAD, calls=1)
SLOW = Seen(status=504, code="upstream_timeout", cools=2)
TLS = Seen(status=502, code="upstream_tls_error", cools=1, seconds=60)
TOO_LARGE = Seen(status=502, code="upstream_too_large", cools=5)
PAGE = Seen(status=502, code="upstream_challenge", cools=1, seconds=60)
BROKEN = Seen(status=502, code="upstream_error", calls=2, cools=5)
BUSY = Seen(status=503, code="upstream_overloaded", calls=2, cools=5)
LATE = Seen(status=504, code="upstream_timeout", calls=2, cools=5)
OUR_KEY = Seen(status=502, code="provider_auth_error", cools=1, seconds=300)
NO_MONEY = Seen(status=429, type="insufficient_quota", code="insufficient_quota", cools=1, seconds=300)
GONE = Seen(status=404, type="model_not_found", code="model_not_found", cools=1, seconds=300)
EMPTY = Seen(status=502, code="empty_completion", calls=2, cools=10)
ELSEWHERE = Seen(status=502, code="upstream_redirect", cools=5)


def limited(seconds: float, told: str) -> Seen:
    return Seen(
        status=429, type="rate_limit_error", code="rate_limit_exceeded", cools=1, seconds=seconds, retry_after=told
    )


def theirs(status: int, code: str, kind: str = "upstream_type") -> Seen:
    """A refusal of the request itself: passed on, and no other target is asked."""
    return Seen(status=status, type=kind, code=code, cools=0, falls_back=False)


def conflict() -> Seen:
    return Seen(status=409, code="upstream_conflict", calls=2, cools=5)


def limit(**headers: str) -> Answers:
    return at(Status(429, headers={name.replace("_", "-"): value for name, value in headers.items()}))


STREAM: tuple[Mode, ...] = ("stream",)
WHOLE: tuple[Mode, ...] = ("whole",)
DATE = "Sat, 01 Nov 2025 10:00:00 GMT"

ROWS: tuple[Row, ...] = (
    Row(1, "name not found", Nowhere(), Seen(status=502, code="upstream_dns_error", calls=2, cools=1)),
    Row(2, "connection refused", Refused(), Seen(status=502, code="upstream_connect_error", calls=2, cools=1)),
    Row(3, "SYN dropped", Blackhole(), Seen(status=504, code="upstream_connect_timeout", cools=1), timed=True),
    Row(4, "certificate expired", Tls(expired=True), TLS),
    Row(4, "certificate of another host", Tls(host="other.example"), TLS),
    Row(4, "certificate by a stranger", Tls(stranger=True), TLS),
    Row(4, "plaintext where TLS is due", Plaintext(), TLS),
    Row(5, "no headers in time", at(Hang()), SLOW, timed=True, transport=True),
    Row(5, "half a status line", at(Raw(b"HTTP/1.1 20", end="hang")), SLOW, timed=True, transport=True),
    Row(6, "headers and then nothing", at(Raw(SSE, end="hang")), SLOW, timed=True, transport=True),
    Row(6, "comments only", at(Endless(UNTIL_EOF, b": wait\n\n")), SLOW, STREAM, timed=True),
    Row(6, "half a JSON body", at(Raw(with_length(b"{" * 64)[:-9], end="hang")), SLOW, timed=True),
    Row(9, "closed at once", at(Close()), DISCONNECTED, transport=True),
    Row(9, "reset at once", at(Close(rst=True)), DISCONNECTED, transport=True),
    Row(9, "closed within the head", at(Raw(b"HTTP/1.1 200 OK\r\nContent-")), DISCONNECTED, transport=True),
    Row(10, "length not reached", at(Close(after=200)), DISCONNECTED, transport=True),
    Row(10, "reset within the body", at(Close(after=200, rst=True)), DISCONNECTED, transport=True),
    Row(10, "chunks cut", at(Raw(SSE + chunk(ROLE))), DISCONNECTED, transport=True),
    Row(10, "reset before content", at(Raw(SSE + chunk(ROLE), end="reset")), DISCONNECTED, transport=True),
    Row(11, "clean end without terminator", at(Stream([ROLE], end="eof")), DISCONNECTED, transport=True),
    Row(11, "end of the connection without terminator", at(Raw(UNTIL_EOF + ROLE)), DISCONNECTED, transport=True),
    Row(11, "empty stream", at(Stream([], end="eof")), DISCONNECTED, STREAM),
    Row(
        11, "gzip cut, length right", at(compressed(b'{"a":"' + bytes(range(48, 91)) * 9 + b'"}', cut=9)), DISCONNECTED
    ),
    Row(13, "not HTTP", at(Raw(b"SSH-2.0-OpenSSH_9.2p1\r\n\r\n", end="keep")), NOT_HTTP, transport=True),
    Row(13, "bad status line", at(Raw(b"HTTP/1.1 two hundred\r\n\r\n", end="keep")), NOT_HTTP, transport=True),
    Row(
        13, "100 KB header", at(Raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n")), NOT_HTTP, transport=True
    ),
    Row(
        13,
        "two lengths",
        at(Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", end="keep")),
        NOT_HTTP,
        transport=True,
    ),
    Row(13, "status 101", at(Raw(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")), NOT_HTTP),
    Row(13, "status 999", at(Status(999)), NOT_HTTP),
    Row(13, "status 000", at(Raw(b"HTTP/1.1 000 Zero\r\nContent-Length: 0\r\n\r\n")), NOT_HTTP),
    Row(
        13,
        "a length that is none",
        at(Raw(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}")),
        NOT_HTTP,
        transport=True,
    ),
    Row(13, "a chunk that is none", at(Raw(SSE + b"zz\r\n")), NOT_HTTP, transport=True),
    Row(14, "200 that is no JSON", at(Raw(with_length(b'{"choices": [', Content_Type="application/json"))), BAD),
    Row(14, "200 without choices", at(Raw(with_length(b"{}"))), BAD),
    Row(14, "200 of nothing", at(Raw(with_length(b""))), BAD),
    Row(15, "200 with an error of the server", at(Status(200, error("x", type="server_error"))), BROKEN),
    Row(15, "200 with a rate limit", at(Status(200, error("x", type="rate_limit_error"))), limited(5, "5")),
    Row(15, "200 with a quota", at(Status(200, error("x", code="insufficient_quota"))), NO_MONEY),
    Row(15, "200 with a bad key", at(Status(200, error("x", code=401))), OUR_KEY),
    Row(16, "200 with a web page", at(Html()), PAGE),
    Row(16, "403 with a web page", at(Html(403)), PAGE),
    Row(16, "503 with a bot check", at(Html(503)), PAGE),
    Row(
        16, "a page that says it is text", at(Raw(with_length(b"<!doctype html><p>", Content_Type="text/plain"))), PAGE
    ),
    Row(20, "event over 1 MiB", at(Stream([b"data: " + b"x" * MIB + b"\n\n"])), TOO_LARGE),
    Row(20, "line without end", at(Endless(UNTIL_EOF + b"data: ", b"x" * 65536)), TOO_LARGE, STREAM),
    Row(21, "first event is no JSON", at(Stream([b"data: {nope\n\n"])), BAD),
    Row(21, "two objects in one event", at(Stream([b"data: {} {}\n\n"])), BAD),
    Row(21, "event that is no object", at(Stream([b"data: 3\n\n"])), BAD),
    Row(23, "error event", at(Stream([ROLE, b'event: error\ndata: {"error": {"message": "x"}}\n\n'])), BROKEN),
    Row(23, "overloaded in the stream", at(Stream([error("x", type="overloaded_error")])), replace(BUSY, calls=1)),
    Row(23, "rate limit in the stream", at(Stream([ROLE, error("x", code="rate_limit_exceeded")])), limited(5, "5")),
    Row(24, "role, empty deltas, then nothing", at(Stream([ROLE, ROLE, b": ping\n\n"], end="hang")), SLOW, timed=True),
    Row(25, "400", at(Status(400, error("no", code="bad_thing"))), theirs(400, "bad_thing")),
    Row(
        25,
        "400 context length",
        at(Status(400, error("no", code="context_length_exceeded"))),
        theirs(400, "context_length_exceeded"),
    ),
    Row(25, "400 unknown model", at(Status(400, error("no", code="model_not_found"))), GONE),
    Row(26, "401", at(Status(401)), OUR_KEY),
    Row(26, "401 that breaks off", at(Raw(head(401, {"Content-Length": "500"}) + b"{")), OUR_KEY),
    Row(26, "401 in a compression nobody asked for", at(Status(401, b"\x1b", {"Content-Encoding": "br"})), OUR_KEY),
    Row(26, "403", at(Status(403)), OUR_KEY),
    Row(27, "402", at(Status(402)), NO_MONEY),
    Row(27, "429 insufficient_quota", at(Status(429, error("x", code="insufficient_quota"))), NO_MONEY),
    Row(28, "404", at(Status(404)), GONE),
    Row(28, "410", at(Status(410)), GONE),
    Row(29, "408", at(Status(408)), LATE),
    Row(29, "409", at(Status(409)), conflict()),
    Row(29, "425", at(Status(425)), conflict()),
    Row(30, "413", at(Status(413, error("big", code="too_big"))), theirs(413, "too_big")),
    Row(30, "422", at(Status(422, error("odd", code="odd"))), theirs(422, "odd")),
    Row(31, "429 in seconds", limit(Retry_After="20"), limited(20, "20")),
    Row(31, "429 in milliseconds", limit(Retry_After_Ms="20500", Retry_After="1"), limited(20.5, "21")),
    Row(31, "429 until a date", limit(Date=DATE, Retry_After="Sat, 01 Nov 2025 10:00:30 GMT"), limited(30, "30")),
    Row(31, "429 until its reset", limit(X_RateLimit_Reset_Requests="6m0s"), limited(300, "60")),
    Row(31, "429 with garbage", limit(Retry_After="soon"), limited(5, "5")),
    Row(31, "429 of a negative wait", limit(Retry_After="-5"), limited(5, "5")),
    Row(31, "429 for ever", limit(Retry_After="1e9"), limited(300, "60")),
    *(Row(32, str(status), at(Status(status)), BROKEN) for status in (500, 501, 502, 520, 524, 527)),
    Row(32, "503", at(Status(503)), BUSY),
    Row(32, "529", at(Status(529)), replace(BUSY, calls=1)),
    Row(32, "504", at(Status(504)), LATE),
    Row(
        32,
        "503 with Retry-After",
        at(Status(503, headers={"Retry-After": "20"})),
        Seen(status=503, code="upstream_overloaded", cools=1, seconds=20, retry_after="20"),
    ),
    Row(
        33,
        "500 not to be retried",
        at(Status(500, headers={"x-should-retry": "false"})),
        Seen(status=502, code="upstream_error", cools=5),
    ),
    Row(34, "empty completion", at(said({"message": {"content": ""}, "finish_reason": "stop"})), EMPTY),
    Row(37, "brotli", at(Raw(with_length(b"\x1b\x00", Content_Encoding="br"))), BAD),
    Row(37, "gzip that is none", at(Raw(with_length(b"{}", Content_Encoding="gzip"))), BAD),
    Row(38, "compression bomb", at(compressed(b" " * (32 * MIB + 1))), TOO_LARGE),
    Row(38, "answer without end", at(Endless(head(200, {"Content-Type": "application/json"}), b" " * MIB)), TOO_LARGE),
    *(Row(39, str(s), at(Redirect("http://169.254.169.254/", s)), ELSEWHERE) for s in (301, 302, 303, 307, 308)),
)

#: Rows of the page that are not of this form, and where they are checked.
ELSEWHERE_CHECKED: dict[int | str, str] = {
    7: "tests/faults/test_after_content.py::test_a_break_after_content_is_told_in_the_stream",
    8: "tests/providers/test_direct_pool.py::test_a_stale_connection_is_replaced_without_a_failure",
    12: "tests/faults/test_tolerated.py::test_an_odd_stream_is_a_good_answer",
    17: "tests/faults/test_tolerated.py::test_an_answer_of_the_other_form_is_taken",
    18: "tests/faults/test_tolerated.py::test_an_odd_stream_is_a_good_answer",
    19: "tests/faults/test_tolerated.py::test_an_odd_stream_is_a_good_answer",
    22: "tests/faults/test_tolerated.py::test_an_odd_stream_is_a_good_answer",
    35: "tests/faults/test_tolerated.py::test_an_answer_without_words_for_a_reason_is_passed_on",
    36: "tests/faults/test_tolerated.py::test_an_answer_without_words_for_a_reason_is_passed_on",
    40: "tests/dialects/openai/test_openai_mend.py",
    41: "tests/dialects/openai/test_openai_mend.py",
    42: "tests/faults/test_others.py::test_a_client_that_leaves_ends_the_upstream_call",
    43: "tests/faults/test_others.py::test_a_client_that_leaves_ends_the_upstream_call",
    44: "tests/faults/test_others.py::test_a_stream_ends_on_the_snapshot_it_began_with",
    45: "tests/faults/test_others.py::test_a_model_removed_while_it_streams_finishes",
    46: "tests/faults/test_others.py::test_a_proxy_that_fails_is_never_passed_by",
    47: "tests/faults/test_others.py::test_a_jump_of_the_wall_clock_changes_nothing",
    48: "tests/faults/test_others.py::test_no_descriptors_left_is_nobodys_fault",
    49: "tests/faults/test_others.py::test_when_all_cool_down_the_client_is_told_when_to_come_back",
    50: "tests/faults/test_others.py::test_a_deadline_in_the_middle_of_a_chain_is_a_504",
    "keep-alive": "tests/api/test_keepalive.py::test_another_target_can_still_take_over_after_a_comment",
}

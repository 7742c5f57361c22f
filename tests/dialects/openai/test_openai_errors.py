"""Errors of upstreams: the kind by status and words, what is kept of the words, and how long to wait."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f.dialects.openai.errors import decode_error, failure_of_error
from g4f.exchange.failure import Failure, FailureKind

K = FailureKind
HTML = b"<!DOCTYPE html><html><title>Hello</title></html>"
CLOUDFLARE = b"<html><title>Just a moment...</title> Cloudflare</html>"


def decode(status: int, body: Any = b"", secrets: tuple[str, ...] = (), **headers: str) -> Failure:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    lowered = {name.replace("_", "-"): value for name, value in headers.items()}
    return decode_error(status=status, headers=lowered, body=raw, now=1_700_000_000, secrets=secrets)


def error(**fields: Any) -> dict[str, Any]:
    return {"error": {"message": "m", **fields}}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, K.BAD_REQUEST), (401, K.AUTH), (402, K.QUOTA), (403, K.AUTH), (404, K.NOT_FOUND), (405, K.BAD_REQUEST),
        (407, K.PROXY), (408, K.GATEWAY_TIMEOUT), (409, K.CONFLICT), (410, K.NOT_FOUND), (413, K.REJECTED),
        (418, K.BAD_REQUEST), (422, K.REJECTED), (425, K.CONFLICT), (429, K.RATE_LIMITED), (498, K.OVERLOADED),
        (500, K.SERVER_ERROR), (501, K.SERVER_ERROR), (502, K.SERVER_ERROR), (503, K.OVERLOADED),
        (504, K.GATEWAY_TIMEOUT), (520, K.SERVER_ERROR), (527, K.SERVER_ERROR), (529, K.OVERLOADED),
        (301, K.REDIRECT), (302, K.REDIRECT), (308, K.REDIRECT),
        (101, K.BAD_RESPONSE), (199, K.BAD_RESPONSE), (204, K.BAD_RESPONSE),
        (600, K.BAD_RESPONSE), (999, K.BAD_RESPONSE),
    ],
)  # fmt: skip
def test_the_status_alone_gives_a_kind(status: int, kind: FailureKind) -> None:
    for body in (b"", b"{}", b"[]", b"null", b"oops", b"\xff", error()):
        assert decode(status, body).kind is kind


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, error(code="insufficient_quota"), K.QUOTA),
        (403, error(type="insufficient_quota"), K.QUOTA),
        (400, error(message="Your credit balance is too low to access the API"), K.QUOTA),
        (429, error(message="You exceeded your current quota", status="RESOURCE_EXHAUSTED"), K.RATE_LIMITED),
        (400, error(code="context_length_exceeded"), K.CONTEXT_LENGTH),
        (400, error(message="This model's maximum context length is 8192 tokens."), K.CONTEXT_LENGTH),
        (413, error(message="prompt is too long: 200001 tokens"), K.CONTEXT_LENGTH),
        (400, error(code=400, metadata={"raw": "maximum context length is 5"}), K.CONTEXT_LENGTH),
        (400, error(code="content_filter"), K.CONTENT_FILTER),
        (400, error(code="content_policy_violation"), K.CONTENT_FILTER),
        (400, error(innererror={"code": "ResponsibleAIPolicyViolation"}), K.CONTENT_FILTER),
        (403, error(code=403, metadata={"reasons": ["x"], "flagged_input": "x"}), K.CONTENT_FILTER),
        (400, error(message="API key not valid. Please pass a valid API key."), K.AUTH),
        (400, error(details=[{"reason": "API_KEY_INVALID"}]), K.AUTH),
        (400, error(code="model_not_found"), K.NOT_FOUND),
        (403, error(code="model_not_found"), K.NOT_FOUND),
        (400, error(message="foo/bar is not a valid model ID"), K.NOT_FOUND),
        (500, error(type="overloaded_error"), K.OVERLOADED),
        (403, HTML, K.CHALLENGE),
        (503, CLOUDFLARE, K.CHALLENGE),
        (503, HTML, K.OVERLOADED),
        (502, HTML, K.SERVER_ERROR),
        (200, HTML, K.CHALLENGE),
    ],
)
def test_the_words_refine_the_status(status: int, body: Any, kind: FailureKind) -> None:
    assert decode(status, body).kind is kind


def test_a_challenge_is_known_by_its_header_whatever_the_status() -> None:
    assert decode(429, HTML, cf_mitigated="challenge").kind is K.CHALLENGE


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (error(), "m"),
        ({"type": "error", "error": {"type": "x", "message": "m"}}, "m"),
        ([error()], "m"),
        ({"error": "m"}, "m"),
        ({"message": "m"}, "m"),
        ({"id": "1", "message": "m"}, "m"),
        ({"detail": "m"}, "m"),
        ({"detail": [{"loc": ["body", "model"], "msg": "field required"}]}, "body.model: field required"),
        ({"detail": {"message": "m"}}, "m"),
        ("m", "m"),
        (b"plain\n text\x00\x1b[31m", "plain text [31m"),
        (error(message="m", metadata={"raw": "r"}), "m: r"),
        (error(message=None), "the upstream answered 400"),
        (error(message={"text": 5}), "the upstream answered 400"),
        (HTML, "the upstream answered 400 with an HTML page"),
    ],
)
def test_the_message_is_found_in_every_shape(body: Any, message: str) -> None:
    assert decode(400, body).message == message


def test_the_upstreams_words_are_kept_if_they_are_text() -> None:
    failure = decode(400, error(type="invalid_request_error", param="stop", code="unsupported_parameter"))
    assert (failure.type, failure.param, failure.code) == ("invalid_request_error", "stop", "unsupported_parameter")
    failure = decode(429, error(type=None, param=["x"], code=429))
    assert (failure.type, failure.param, failure.code, failure.status) == (None, None, None, 429)


def test_no_credential_is_shown() -> None:
    said = error(message="key my-secret was refused, sk-proj-abc12345678", code="my-secret", type="x my-secret")
    failure = decode(401, said, ("my-secret",))
    assert failure.message == "key *** was refused, ***"
    assert (failure.code, failure.type) == ("***", "x ***")


def test_a_long_message_is_cut_to_512_characters() -> None:
    assert len(decode(400, error(message="a b " * 10_000)).message) == 512


@pytest.mark.parametrize(("sent", "means"), [("true", True), ("False", False), ("maybe", None), ("", None)])
def test_x_should_retry_is_kept(sent: str, means: bool | None) -> None:
    assert decode(500, x_should_retry=sent).retryable is means


@pytest.mark.parametrize(
    ("status", "body", "headers", "wait"),
    [
        (429, b"", {"retry_after": "20"}, 20),
        (503, b"", {"retry_after": "20"}, 20),
        (429, b"", {"x_ratelimit_reset_requests": "1m6.5s"}, 66.5),
        (500, b"", {"x_ratelimit_reset_requests": "1m6.5s"}, None),
        (400, b"", {"retry_after": "20"}, None),
        (429, error(code="insufficient_quota"), {"retry_after": "20"}, None),
        (429, error(details=[{"retryDelay": "34.4s"}]), {}, 34.4),
        (429, error(details=[{"retryDelay": 34}, "x"]), {}, None),
    ],
)
def test_a_wait_is_given_where_waiting_helps(status: int, body: Any, headers: dict[str, str], wait: float) -> None:
    assert decode(status, body, **headers).retry_after == wait


@pytest.mark.parametrize(
    ("inner", "kind", "status"),
    [
        ({"code": 429}, K.RATE_LIMITED, 429),
        ({"code": "429"}, K.RATE_LIMITED, 429),
        ({"code": "rate_limit_exceeded"}, K.RATE_LIMITED, 429),
        ({"code": 502, "message": "m"}, K.SERVER_ERROR, 502),
        ({"type": "overloaded_error"}, K.OVERLOADED, 529),
        ({"type": "invalid_request_error", "code": "context_length_exceeded"}, K.CONTEXT_LENGTH, 400),
        ({"type": "insufficient_quota"}, K.QUOTA, 402),
        ({"status": "UNAVAILABLE", "code": 503}, K.OVERLOADED, 503),
        ({"code": 7, "message": "m"}, K.SERVER_ERROR, None),
        ({"code": "²²²"}, K.SERVER_ERROR, None),
        ("text", K.SERVER_ERROR, None),
        (None, K.SERVER_ERROR, None),
    ],
)
def test_an_error_inside_a_200_is_read_as_if_it_were_the_status(inner: Any, kind: FailureKind, status: int) -> None:
    failure = failure_of_error(inner)
    assert (failure.kind, failure.status) == (kind, status)
    assert failure.message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["error", "message", "detail", "details", "code", "type", "status", "metadata", "raw", "loc",
                         "msg", "innererror", "retryDelay", "reason"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.integers(0, 1000), JSON)
def test_no_body_raises(status: int, body: Any) -> None:
    failure = decode(status, body)
    assert failure.message
    assert failure_of_error(body).message


@given(st.binary(max_size=100))
def test_no_bytes_raise(body: bytes) -> None:
    assert decode(500, body).kind in (K.SERVER_ERROR, K.OVERLOADED)

"""What may be shown of an upstream's text."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f.dialects.scrub import scrub


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("key sk-abcdefgh is bad", "key *** is bad"),
        ("sk-proj-Ab1_cd-ef.", "***."),
        ("gsk_abc123def456", "***"),
        ("AIzaSyA1234567890abcdefghijklmno", "***"),
        ("Authorization: Bearer abcd.efgh", "Authorization: Bearer ***"),
        ("Authorization: Basic dXNlcjpwYXNz!", "Authorization: Basic ***"),
        ('{"api_key": "hunter2hunter2"}', '{"api_key": "***"}'),
        ("GET /v1?key=abcdefgh1&x=1", "GET /v1?key=***&x=1"),
        ("http://user:pw@proxy:8080/", "http://***proxy:8080/"),
        ("eyJhbGciOiJI.eyJzdWIi.c2ln", "***"),
        ("0123456789abcdef0123456789abcdef", "***"),
    ],
)
def test_what_looks_like_a_key_is_masked(text: str, shown: str) -> None:
    assert scrub(text, ()) == shown


@pytest.mark.parametrize(
    "text",
    [
        "the model claude-sonnet-4-5-20250929 of meta-llama/Llama-3.3-70B-Instruct-Turbo is busy",
        "Limit 30000, Used 29000, Requested 2000. Please try again in 1.2s.",
        "Unsupported parameter: 'max_completion_tokens' is not supported with this model.",
        "Incorrect API key provided: invalid-*****2345. See https://platform.openai.com/account/api-keys.",
    ],
)
def test_plain_words_are_left(text: str) -> None:
    assert scrub(text, ()) == text


def test_a_secret_that_contains_another_is_masked_whole() -> None:
    assert scrub("abc-def and abc", ["abc", "abc-def", ""]) == "*** and ***"


@pytest.mark.parametrize(
    "told",
    [
        "Qx7/bEnd+K3y=0123456789",
        "Qx7/bEnd...6789",
        "Qx7/bEnd********6789",
        "Qx7%2FbEnd%2BK3y%3D0123456789",
        base64.b64encode(b"Qx7/bEnd+K3y=0123456789").decode(),
        base64.b64encode(b"user:Qx7/bEnd+K3y=0123456789").decode(),
        base64.b64encode(b"me:Qx7/bEnd+K3y=0123456789:x").decode(),
    ],
)
def test_a_long_secret_leaves_no_trace_cut_short_or_encoded(told: str) -> None:
    shown = scrub(f"Incorrect key ({told}).", ["Qx7/bEnd+K3y=0123456789"])
    assert shown.startswith("Incorrect key (")
    assert shown.endswith(").")
    assert len(shown.replace("***", "")) <= len("Incorrect key ().") + 8
    assert "Qx7" not in shown


@pytest.mark.parametrize("value", ["https://example.com/app1", "application/json", "g4f/1.0 (me@example.com)"])
def test_a_header_that_is_no_secret_takes_no_other_words_with_it(value: str) -> None:
    assert scrub("See https://platform.example/application/json and g4f/1.", [value]).startswith("See https://plat")


def test_the_text_becomes_one_line_of_bounded_length() -> None:
    assert scrub("a\r\nb\t\x1b[0m\u2028c", ()) == "a b [0m c"
    assert scrub("word " * 1000, (), limit=20) == "word word word word…"


@given(st.text(), st.text(alphabet="abcXYZ0189-_", min_size=4, max_size=40), st.text())
def test_no_secret_survives(before: str, secret: str, after: str) -> None:
    assert secret not in scrub(f"{before}{secret}{after}", [secret]).replace("***", "")

"""What may be shown of an upstream's text."""

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


def test_the_text_becomes_one_line_of_bounded_length() -> None:
    assert scrub("a\r\nb\t\x1b[0m\u2028c", ()) == "a b [0m c"
    assert scrub("word " * 1000, (), limit=20) == "word word word word…"


@given(st.text(), st.text(alphabet="abcXYZ0189-_", min_size=4, max_size=40), st.text())
def test_no_secret_survives(before: str, secret: str, after: str) -> None:
    assert secret not in scrub(f"{before}{secret}{after}", [secret]).replace("***", "")

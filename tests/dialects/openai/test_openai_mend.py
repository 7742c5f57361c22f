"""The mends themselves: what each changes, and that it says whether it did."""

from typing import Any

import pytest

from g4f.dialects.openai.mend import Calls, call_id, mend_call, mend_content, mend_head, mend_usage
from g4f.exchange.failure import AttemptFailed


def test_an_id_is_the_same_for_the_same_seed_only() -> None:
    assert call_id("r1", 0) == call_id("r1", 0)
    assert len({call_id("r1", 0), call_id("r1", 1), call_id("r", "10")}) == 3
    assert len(call_id("\ud800", 0)) == 29  # OpenAI takes at most 40


@pytest.mark.parametrize("created", ["1", 1.5, True, None])
def test_a_head_gets_what_it_lacks(created: Any) -> None:
    body = {"created": created, "kept": 1}
    assert mend_head(body, kind="k", id="i", created=5, model="m")
    assert body == {"created": 5, "kept": 1, "object": "k", "id": "i", "model": "m"}
    assert not mend_head(body, kind="k", id="i", created=6, model="other")


@pytest.mark.parametrize(
    "usage",
    [5, [], {}, {"prompt_tokens": 1}, {"prompt_tokens": "1", "completion_tokens": 1},
     {"prompt_tokens": True, "completion_tokens": 1}, {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": -2}],
)  # fmt: skip
def test_usage_that_counts_nothing_is_dropped(usage: Any) -> None:
    body = {"usage": usage}
    assert mend_usage(body)
    assert body == {}


def test_text_content_and_null_usage_are_regular() -> None:
    assert not mend_content({"content": "x"})
    assert not mend_content({"content": None})
    assert not mend_usage({"usage": None})


def test_parts_of_unknown_kinds_add_no_text() -> None:
    message = {"content": ["a", {"type": "image"}, 5, None, {"text": 5}, {"text": "b"}]}
    assert mend_content(message)
    assert message == {"content": "ab"}


def test_a_custom_tool_call_needs_no_function() -> None:
    call = {"id": "c", "type": "custom", "custom": {"name": "n", "input": "x"}}
    assert not mend_call(call, own_id="other")


def test_a_call_without_a_function_gets_one() -> None:
    call: dict[str, Any] = {}
    assert mend_call(call, own_id="call_1")
    assert call == {"id": "call_1", "type": "function", "function": {"name": "", "arguments": ""}}


def test_an_absurd_number_of_calls_fails_the_attempt() -> None:
    calls = Calls(lambda number: f"call_{number}")
    with pytest.raises(AttemptFailed):
        calls.mend([{"id": str(number)} for number in range(2000)])

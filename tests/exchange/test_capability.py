"""What a chat needs of a model, by what is in it."""

import pytest

from g4f.exchange.capability import needs_of


def parts(*kinds: str) -> dict:
    return {"messages": [{"role": "user", "content": [{"type": kind} for kind in kinds]}]}


@pytest.mark.parametrize(
    ("payload", "needs"),
    [
        (parts("text"), set()),
        (parts("text", "image_url"), {"vision"}),
        (parts("input_audio"), {"audio"}),
        (parts("file"), {"files"}),
        (parts("video_url"), {"video"}),
        ({**parts(), "tools": [{}]}, {"tools"}),
        ({**parts(), "tools": []}, set()),
        ({**parts(), "functions": [{}]}, {"tools"}),
        ({**parts(), "modalities": ["text", "audio"]}, {"audio"}),
        ({**parts(), "modalities": "audio"}, set()),
        ({**parts(), "response_format": {"type": "json_schema"}}, {"json"}),
        ({**parts(), "response_format": {"type": "json_object"}}, {"json"}),
        ({**parts(), "response_format": {"type": "text"}}, set()),
        ({**parts(), "reasoning_effort": "low"}, {"reasoning"}),
        ({**parts(), "reasoning_effort": "none"}, set()),
        ({**parts(), "reasoning_effort": None}, set()),
        ({**parts(), "reasoning": {"max_tokens": 100}}, {"reasoning"}),
        ({**parts(), "reasoning": {"enabled": True}}, {"reasoning"}),
        ({**parts(), "reasoning": {"enabled": False, "effort": "high"}}, set()),
        ({**parts(), "reasoning": {"effort": "none"}}, set()),
        ({**parts(), "reasoning": "high"}, set()),
    ],
)
def test_what_is_in_a_chat_says_what_it_needs(payload: dict, needs: set[str]) -> None:
    assert needs_of(payload) == needs

"""Thoughts in tags and calls in words: however an answer is cut into pieces, the same is read in it."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f.dialects.emulation import SpokenCalls, in_words, wants_tools
from g4f.dialects.stages import through
from g4f.dialects.think_tags import ThinkTags
from g4f.exchange.events import Finish, Reasoning, Text, ToolCall
from g4f.exchange.request import Dialect, Request

WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
HI = {"role": "user", "content": "hi"}
CALL = '<tool_call>\n{"name": "weather", "arguments": {"city": "Oslo"}}\n</tool_call>'


def request(**fields) -> Request:
    return Request(id="r", model="m", payload={"messages": [HI], "tools": [WEATHER], **fields})


def pieces(text: str, cuts: list[int]) -> list[Text]:
    places = [0, *sorted({min(cut, len(text)) for cut in cuts}), len(text)]
    return [Text(text[start:end]) for start, end in pairwise(places)]


def heard(
    stage, text: str, cuts: list[int], *, finish: str | None = "stop"
) -> tuple[str, str, list[tuple], str | None]:
    """The thoughts, the text, the calls and the reason of an answer that passed a stage."""
    events = [*pieces(text, cuts), *([Finish(finish)] if finish else [])]
    found = through([stage], events, last=True)
    thoughts = "".join(event.text for event in found if isinstance(event, Reasoning))
    said = "".join(event.text for event in found if isinstance(event, Text))
    calls = [(event.index, event.name, event.arguments) for event in found if isinstance(event, ToolCall)]
    reasons = [event.reason for event in found if isinstance(event, Finish)]
    return thoughts, said, calls, reasons[0] if reasons else None


CUTS = st.lists(st.integers(0, 200), max_size=20)

THOUGHTS = {
    "<think>why</think>\n\nbecause": ("why", "because"),
    " \n<think>\nwhy\n</think>because": ("\nwhy\n", "because"),
    "because": ("", "because"),
    "": ("", ""),
    "<think></think>because": ("", "because"),
    "<think>never ends": ("never ends", ""),
    "<think>a < b </thin</think>c": ("a < b </thin", "c"),
    "I use <think> tags </think>": ("", "I use <think> tags </think>"),
    "<thinking>other</thinking>": ("", "<thinking>other</thinking>"),
    "  <thi": ("", "  <thi"),
    "<think>a</think>b<think>c</think>": ("a", "b<think>c</think>"),
}


@pytest.mark.parametrize("text", THOUGHTS)
@given(cuts=CUTS)
def test_thoughts_at_the_beginning_are_told_apart(text, cuts):
    thoughts, said = THOUGHTS[text]
    assert heard(ThinkTags(), text, cuts)[:2] == (thoughts, said)
    assert heard(ThinkTags(), text, cuts, finish=None)[:2] == (thoughts, said)


def test_nothing_is_held_back_that_is_decided():
    stage = ThinkTags()
    assert list(stage.take(Text("Hello"))) == [Text("Hello")]
    stage = ThinkTags()
    assert list(stage.take(Text("<think>I"))) == [Reasoning("I")]
    assert list(stage.take(Text(" am</"))) == [Reasoning(" am")]
    assert list(stage.take(Text("b>"))) == [Reasoning("</b>")]


def test_choices_are_read_apart():
    stage = ThinkTags()
    assert list(stage.take(Text("<think>a", 0))) == [Reasoning("a", 0)]
    assert list(stage.take(Text("b", 1))) == [Text("b", 1)]


OSLO = (0, "weather", '{"city":"Oslo"}')
SPOKEN = {
    CALL: ("", [OSLO]),
    f"\n {CALL}\n": ("", [OSLO]),
    f"Let me see.\n{CALL}": ("Let me see.", [OSLO]),
    f"Let me see.\n{CALL}\nDone. ": ("Let me see.\nDone.", [OSLO]),
    f"{CALL}\n{CALL}": ("", [OSLO, (1, *OSLO[1:])]),
    CALL.removesuffix("</tool_call>"): ("", [OSLO]),
    '{"name": "weather", "arguments": {"city": "Oslo"}}': ("", [OSLO]),
    '```json\n{"name": "weather", "arguments": {"city": "Oslo"}}\n```': ("", [OSLO]),
    '[{"name": "weather", "parameters": {"city": "Oslo"}}]': ("", [OSLO]),
    '<tool_call>{"name": "weather"}</tool_call>': ("", [(0, "weather", "{}")]),
    "Just text <tool": ("Just text <tool", []),
    "<tool_call>": ("<tool_call>", []),
    "a <b> c": ("a <b> c", []),
    '{"answer": 42}': ('{"answer": 42}', []),
    "```python\nprint(1)\n```": ("```python\nprint(1)\n```", []),
    '<tool_call>{"name": "other"}</tool_call>': ('<tool_call>{"name": "other"}</tool_call>', []),
    "<tool_call>broken</tool_call> yes": ("<tool_call>broken</tool_call> yes", []),
    "": ("", []),
}


@pytest.mark.parametrize("text", SPOKEN)
@given(cuts=CUTS)
def test_calls_in_words_are_read_and_everything_else_is_text(text, cuts):
    said, calls = SPOKEN[text]
    reason = "tool_calls" if calls else "stop"
    assert heard(SpokenCalls(request()), text, cuts)[1:] == (said, calls, reason)
    assert heard(SpokenCalls(request()), text, cuts, finish=None)[1:3] == (said, calls)


@given(text=st.text(alphabet='<>/tool_ca{}"[]` \n', max_size=80), cuts=CUTS)
def test_what_is_no_call_comes_out_as_it_went_in(text, cuts):
    assert heard(SpokenCalls(request()), text, cuts)[1].strip() == text.strip()


def test_text_is_not_held_back():
    stage = SpokenCalls(request())
    assert list(stage.take(Text("Hello"))) == [Text("Hello")]
    assert list(stage.take(Text(" <"))) == []
    assert list(stage.take(Text("b>"))) == [Text(" <b>")]


def test_a_call_that_never_ends_is_given_out_in_the_end():
    stage = SpokenCalls(request())
    huge = "x" * (300 << 10)
    assert "".join(event.text for event in stage.take(Text(f"<tool_call>{huge}"))) == f"<tool_call>{huge}"


def test_ids_of_calls_differ():
    found = through([SpokenCalls(request())], [Text(f"{CALL}{CALL}")], last=True)
    assert len({event.id for event in found if isinstance(event, ToolCall)}) == 2


def test_tools_are_told_about_behind_the_client_s_own_instructions():
    told = in_words(request(messages=[{"role": "system", "content": "Be brief."}, HI], tool_choice="required"))
    first, second = told.payload["messages"]
    assert first["content"].startswith("Be brief.\n\n")
    assert json.dumps(WEATHER["function"]["name"]) in first["content"]
    assert "must call a function" in first["content"]
    assert second == HI
    assert not {"tools", "tool_choice", "parallel_tool_calls"} & set(told.payload)
    assert told.dialect is Dialect.OPENAI


def test_a_named_choice_and_none_are_heeded():
    named = in_words(request(tool_choice={"type": "function", "function": {"name": "weather"}}))
    assert "must call the function weather" in named.payload["messages"][0]["content"]
    assert in_words(request(tool_choice="none")).payload["messages"] == [HI]


def test_calls_and_results_before_are_written_out():
    call = {"id": "1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}}
    before = [HI, {"role": "assistant", "content": None, "tool_calls": [call, call]}]
    results = [{"role": "tool", "tool_call_id": "1", "content": text} for text in ("rain", "sun")]
    told = in_words(request(messages=[*before, *results], tools=[])).payload["messages"]
    assert [message["role"] for message in told] == ["user", "assistant", "user"]
    assert told[1]["content"].count("<tool_call>") == 2
    assert told[2]["content"].count("<tool_response>") == 2
    assert wants_tools(request(messages=[*before, *results], tools=[]))
    assert not wants_tools(request(tools=None))

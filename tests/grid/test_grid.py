"""Every dialect in front of every dialect, each cell through real sockets and decoded by the front's official SDK.

A dialect joins with one file in `front/` (its SDK: `ask`) and one in `behind/` (its wire: `reply`, `refusal`, `heard`).
"""

import json
from dataclasses import replace
from types import ModuleType

import pytest

from tests.grid.behind import anthropic as anthropic_behind
from tests.grid.behind import cohere as cohere_behind
from tests.grid.behind import gemini as gemini_behind
from tests.grid.behind import ollama as ollama_behind
from tests.grid.behind import openai as openai_behind
from tests.grid.behind import responses as responses_behind
from tests.grid.conftest import Start
from tests.grid.exchange import PICTURE, SCHEMA, TOOL, Question, Refused, Said, Turn
from tests.grid.front import anthropic as anthropic_front
from tests.grid.front import gemini as gemini_front
from tests.grid.front import ollama as ollama_front
from tests.grid.front import openai as openai_front
from tests.grid.front import responses as responses_front

FRONTS = (openai_front, responses_front, anthropic_front, gemini_front, ollama_front)
BEHIND = (openai_behind, responses_behind, anthropic_behind, gemini_behind, cohere_behind, ollama_behind)


def named(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


pytestmark = [
    pytest.mark.filterwarnings("ignore:Inheritance class:DeprecationWarning"),  # of Google's SDK
    pytest.mark.parametrize("front", FRONTS, ids=named),
    pytest.mark.parametrize("behind", BEHIND, ids=named),
]
both_ways = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


@both_ways
async def test_text_and_usage(cell: Start, front: ModuleType, behind: ModuleType, stream: bool) -> None:
    said = Said(text="Grüße aus Oslo, it is cold. 🥶", usage=(17, 9))
    served = await cell(behind, behind.reply(said))
    question = Question(prompt="How is it?", system="Be brief.", stream=stream)
    assert await front.ask(served.root, question) == said
    heard = behind.heard(served.upstream.requests[0])
    assert (heard.model, heard.prompt, heard.system) == (behind.MODEL, "How is it?", "Be brief.")


@both_ways
async def test_an_answer_cut_by_its_limit_says_so(
    cell: Start, front: ModuleType, behind: ModuleType, stream: bool
) -> None:
    said = Said(text="It is", finish="length")
    served = await cell(behind, behind.reply(said))
    assert await front.ask(served.root, Question(stream=stream)) == said


@both_ways
@pytest.mark.parametrize("cities", [["Oslo"], ["Oslo", "Kraków"]], ids=["tool", "parallel tools"])
async def test_tools(cell: Start, front: ModuleType, behind: ModuleType, stream: bool, cities: list[str]) -> None:
    said = Said(text="I look.", calls=tuple(("weather", {"city": city}) for city in cities), finish="tool_calls")
    served = await cell(behind, behind.reply(said))
    if "text beside calls" in behind.LACKS:
        said = replace(said, text="", thoughts=said.text)
    assert await front.ask(served.root, Question(tools=True, stream=stream)) == said
    assert behind.heard(served.upstream.requests[0]).tools == (TOOL,)


async def test_what_tools_gave_reaches_the_calls_they_answer(
    cell: Start, front: ModuleType, behind: ModuleType
) -> None:
    said = Said(text="Colder in Oslo.")
    served = await cell(behind, behind.reply(said))
    before = (Turn(call_id="call_a", city="Oslo", result="-4"), Turn(call_id="call_b", city="Kraków", result="2"))
    assert await front.ask(served.root, Question(tools=True, before=before)) == said
    heard = behind.heard(served.upstream.requests[0])
    assert heard.results == (("Oslo", "-4"), ("Kraków", "2"))
    assert heard.prompt == "Hello!"


async def test_vision(cell: Start, front: ModuleType, behind: ModuleType) -> None:
    said = Said(text="A pixel.")
    served = await cell(behind, behind.reply(said))
    assert await front.ask(served.root, Question(prompt="What is it?", picture=True)) == said
    heard = behind.heard(served.upstream.requests[0])
    assert (heard.prompt, heard.picture) == ("What is it?", PICTURE)


@both_ways
async def test_reasoning(cell: Start, front: ModuleType, behind: ModuleType, stream: bool) -> None:
    said = Said(text="42.", thoughts="Six times seven, then.")
    served = await cell(behind, behind.reply(said))
    assert await front.ask(served.root, Question(effort="low", stream=stream)) == said
    assert behind.heard(served.upstream.requests[0]).thinks


@both_ways
async def test_structured_output(cell: Start, front: ModuleType, behind: ModuleType, stream: bool) -> None:
    said = Said(text='{"city": "Oslo"}')
    served = await cell(behind, behind.reply(said))
    heard = await front.ask(served.root, Question(schema=True, stream=stream))
    assert json.loads(heard.text) == {"city": "Oslo"}
    assert behind.heard(served.upstream.requests[0]).schema == SCHEMA


@both_ways
async def test_a_refusal_is_passed_on_in_the_words_of_the_front(
    cell: Start, front: ModuleType, behind: ModuleType, stream: bool
) -> None:
    served = await cell(behind, behind.refusal(400, "the schema is too deep"))
    with pytest.raises(Refused, match="the schema is too deep") as caught:
        await front.ask(served.root, Question(stream=stream))
    assert caught.value.status == 400


@both_ways
async def test_an_upstream_that_fails_is_a_502_in_the_words_of_the_front(
    cell: Start, front: ModuleType, behind: ModuleType, stream: bool
) -> None:
    served = await cell(behind, behind.refusal(500, "disk full"))
    with pytest.raises(Refused, match="No provider answered") as caught:
        await front.ask(served.root, Question(stream=stream))
    assert caught.value.status == 502

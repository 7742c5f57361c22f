"""What the official OpenAI SDK for Python has around its calls: parsed answers, raw and streamed responses, beta."""

import asyncio
import json

import openai
import pydantic
import pytest

from tests.conftest import Serve
from tests.support.replies import Completion
from tests.support.upstream import Upstream

pytestmark = pytest.mark.e2e

HELLO = [{"role": "user", "content": "Where?"}]


class City(pydantic.BaseModel):
    city: str


def _use(url: str) -> None:
    with openai.OpenAI(base_url=f"{url}/v1", api_key="x", max_retries=0) as client:
        asked = {"messages": HELLO, "response_format": City}
        for model in ("knows", "told"):
            for chats in (client.chat.completions, client.beta.chat.completions):
                assert chats.parse(model=model, **asked).choices[0].message.parsed == City(city="Oslo")
                with chats.stream(model=model, **asked) as stream:
                    assert stream.get_final_completion().choices[0].message.parsed == City(city="Oslo")
            response = client.responses.parse(model=model, input="Where?", text_format=City)
            assert response.output_parsed == City(city="Oslo")
        raw = client.chat.completions.with_raw_response.create(model="demo", messages=HELLO)
        assert (raw.headers["x-g4f-provider"], raw.parse().object) == ("Demo", "chat.completion")
        opened = client.chat.completions.with_streaming_response.create(model="demo", messages=HELLO, stream=True)
        with opened as streamed:
            assert [line for line in streamed.iter_lines() if line][-1] == "data: [DONE]"
        with client.audio.speech.with_streaming_response.create(model="demo", input="x", voice="alloy") as spoken:
            assert b"".join(spoken.iter_bytes())[:4] == b"RIFF"


async def test_parsed_raw_and_streamed_responses_are_what_they_are_at_openai(serve: Serve):
    async with (
        Upstream(Completion('{"city": "Oslo"}')) as knows,
        Upstream(Completion('It is {"city": "Oslo"}.')) as told,
    ):
        daemon = await serve(
            json.dumps(
                {
                    "providers": {
                        "Knows": {"base_url": knows.url},
                        "Told": {"base_url": told.url, "structured": "emulated"},
                    },
                    "models": {
                        "knows": {"chain": ["Knows"]},
                        "told": {"chain": ["Told"]},
                        "demo": {"chain": ["Demo"]},
                    },
                }
            )
        )
        await asyncio.to_thread(_use, daemon.url)
        assert {request.json["response_format"]["type"] for request in knows.requests} == {"json_schema"}
        assert not any("response_format" in request.json for request in told.requests)

"""What users write, for type checkers to accept: nothing here is run."""

from collections.abc import AsyncIterator, Iterator

from pydantic import BaseModel

import g4f
from g4f import AsyncClient, ChatCompletion, Client, Model, ModelRegistry, errors, get_cookies, set_cookies
from g4f.client import ChatCompletion as Answer
from g4f.client import ChatCompletionChunk
from g4f.Provider import Groq, IterListProvider, Together
from g4f.providers.base_provider import AsyncGeneratorProvider
from g4f.providers.response import FinishReason, Reasoning
from g4f.typing import Cookies, Messages


class Echo(AsyncGeneratorProvider):
    """A provider with the base class."""

    working = True

    @classmethod
    async def create_async_generator(
        cls, model: str, messages: object, stream: bool = True, **kwargs: object
    ) -> AsyncIterator[object]:
        yield Reasoning("hm")
        yield "text"
        yield FinishReason("stop")


class City(BaseModel):
    """A form."""

    name: str


def whole(client: Client) -> str:
    said: Messages = [{"role": "user", "content": "Hello"}]
    answer = client.chat.completions.create(model="fast", messages=said, temperature=0.5)
    checked: Answer = answer
    tokens = checked.usage.total_tokens if checked.usage else 0
    return f"{answer.choices[0].message.content} {answer.provider} {tokens}"


def streamed(client: Client) -> Iterator[str]:
    with client.chat.completions.create("Hello", "fast", stream=True) as chunks:
        for chunk in chunks:
            piece: ChatCompletionChunk = chunk
            yield piece.choices[0].delta.content or ""


def parsed(client: Client) -> City:
    answer = client.chat.completions.parse("Which?", "fast", response_format=City)
    city: City = answer.choices[0].message.parsed
    return city


async def asynchronous() -> list[str]:
    async with AsyncClient(config="g4f.yaml", provider=IterListProvider([Groq, Together], shuffle=False)) as client:
        answer = await client.chat.completions.create("Hello", "fast")
        pieces = [answer.choices[0].message.content or ""]
        async for chunk in client.chat.completions.create("Hello", "fast", stream=True):
            pieces.append(chunk.choices[0].delta.content or "")
        explained = client.explain("fast")
        pieces += [str(target["provider"]) for target in explained.targets]
        return pieces


def at_once() -> object:
    try:
        return ChatCompletion.create(g4f.models.gpt_4o, [{"role": "user", "content": "Hi"}], Echo, image=b"")
    except errors.RateLimitError as error:
        return error.retry_after
    except errors.G4FError as error:
        return error.status, error.code, error.message


def painted(client: Client) -> str:
    picture = client.images.generate("a cat", model="dall-e-3", response_format="url").data[0]
    spoken: bytes = client.audio.speech.create("Hello", model="tts-1").read()
    vector: list[float] = client.embeddings.create("text", model="text-embedding-3-small").data[0].embedding
    return f"{picture.url} {len(spoken)} {len(vector)}"


def registered() -> list[str]:
    mine = Model("mine", "Me", Echo)
    ModelRegistry.register(mine, ["my-own"])
    found = ModelRegistry.get("my-own")
    cookies: Cookies = get_cookies("example.com")
    set_cookies("example.com", cookies)
    return [*ModelRegistry.all_models(), found.name if found else ""]

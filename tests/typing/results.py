"""What the results of the library are, as type checkers see them: nothing here is run."""

from collections.abc import Callable, Iterator
from typing import assert_type

import g4f
from g4f import AsyncClient, ChatCompletion, Client, Model
from g4f.client import AsyncStream, ChatCompletionChunk, ImagesResponse, Stream
from g4f.client import ChatCompletion as Answer
from g4f.client.types import (
    EmbeddingsResponse,
    ImageEvent,
    Speech,
    TextCompletion,
    TranscriptEvent,
    Transcription,
)
from g4f.Provider import IterListProvider, RetryProvider


def synchronous(client: Client, flag: bool) -> None:
    create = client.chat.completions.create
    assert_type(create("hi"), Answer)
    assert_type(create("hi", "m", stream=False), Answer)
    assert_type(create("hi", "m", stream=True), Stream[ChatCompletionChunk])
    assert_type(create("hi", "m", stream=flag), Answer | Stream[ChatCompletionChunk])
    assert_type(client.chat.completions.stream("hi"), Stream[ChatCompletionChunk])
    assert_type(create("hi").choices[0].message.content, str | None)
    for chunk in create("hi", stream=True):
        assert_type(chunk, ChatCompletionChunk)
        assert_type(chunk.choices[0].delta.content, str | None)
    assert_type(client.images.generate("a cat"), ImagesResponse)
    assert_type(client.images.generate("a cat", stream=True), Stream[ImageEvent])
    assert_type(client.images.edit(b"", "brighter"), ImagesResponse)
    assert_type(client.images.generate("a cat").data[0].url, str | None)
    assert_type(client.audio.speech.create("hi"), Speech)
    assert_type(client.audio.transcriptions.create("a.wav"), Transcription | str)
    assert_type(client.audio.transcriptions.create("a.wav", stream=True), Stream[TranscriptEvent])
    assert_type(client.embeddings.create("hi"), EmbeddingsResponse)
    assert_type(client.completions.create("hi"), TextCompletion)
    assert_type(client.completions.create("hi", stream=True), Stream[TextCompletion])
    assert_type(client.reload(), bool)


async def asynchronous(client: AsyncClient) -> None:
    create = client.chat.completions.create
    assert_type(await create("hi"), Answer)
    assert_type(create("hi", stream=True), AsyncStream[ChatCompletionChunk])
    assert_type(await create("hi", stream=True), AsyncStream[ChatCompletionChunk])
    async for chunk in create("hi", stream=True):
        assert_type(chunk, ChatCompletionChunk)
    assert_type(await client.images.generate("a cat"), ImagesResponse)
    assert_type(await client.audio.transcriptions.create("a.wav"), Transcription | str)
    async for event in client.audio.transcriptions.create("a.wav", stream=True):
        assert_type(event, TranscriptEvent)


async def at_once(flag: bool) -> None:
    assert_type(ChatCompletion.create("m", "hi"), str)
    assert_type(ChatCompletion.create("m", "hi", stream=True), Iterator[ChatCompletionChunk])
    assert_type(ChatCompletion.create("m", "hi", None, flag), str | Iterator[ChatCompletionChunk])
    assert_type(await ChatCompletion.create_async("m", "hi"), str)
    async for chunk in ChatCompletion.create_async("m", "hi", stream=True):
        assert_type("" + chunk, str)


def names() -> None:
    assert_type(g4f.models.gpt_4o, Model)
    assert_type(g4f.models.default.name, str)
    assert_type(g4f.models.ModelUtils.convert, dict[str, Model])
    assert_type(g4f.Provider.Groq.models, list[str])
    assert_type(g4f.Provider.Bing.why, str)
    assert_type(RetryProvider([g4f.Provider.Groq, "Together"]), RetryProvider)
    assert_type(IterListProvider([g4f.Provider.Groq]).shuffle, bool)
    assert_type(g4f.ModelRegistry.all_models(), dict[str, Model])
    assert_type(g4f.get_provider_method(g4f.Provider.Groq), Callable[..., Iterator[str]])

"""Pictures, speech, transcripts and vectors: by servers, by Demo, and by providers of the user's own."""

import base64

import pytest

from g4f import AsyncClient, Client, errors
from g4f.client import ImagesResponse
from g4f.providers import response
from g4f.providers.base_provider import AsyncGeneratorProvider
from g4f.providers.retry_provider import IterListProvider
from tests.support.replies import Gate, Raw
from tests.support.upstream import Upstream

PNG = b"\x89PNG\r\n\x1a\n"


def answering(body: bytes, media_type: str = "application/json") -> Raw:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    return Raw(head + body, end="keep")


class Paints(AsyncGeneratorProvider):
    @classmethod
    async def create_async_generator(cls, model, messages, stream, prompt, **kwargs):
        yield response.ImageResponse(prompt, "")


class Refuses:
    @classmethod
    def create_completion(cls, model, messages, stream, **kwargs):
        raise errors.MissingAuthError("log in")
        yield


class Silent:
    @staticmethod
    async def create_async_generator(model, messages, **kwargs):
        yield None


@pytest.fixture
def demo(tmp_path):
    path = tmp_path / "demo.yaml"
    path.write_text("models: {d: {chain: [Demo]}}")
    return path


async def test_pictures_come_from_a_server(write):
    reply = answering(b'{"created": 1, "data": [{"url": "http://x/a.png"}, {"b64_json": "aGk="}]}')
    async with Upstream(reply) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        answer = await client.images.generate("a cat", "m", n=2, size="64x64")
    assert isinstance(answer, ImagesResponse)
    assert (answer.data[0].url, answer["data"][1]["b64_json"]) == ("http://x/a.png", "aGk=")
    sent = upstream.requests[0]
    assert sent.path.endswith("/images/generations")
    assert (sent.json["prompt"], sent.json["model"], sent.json["n"], sent.json["size"]) == ("a cat", "up", 2, "64x64")


async def test_a_list_of_the_programs_own_providers_paints():
    for listed in ([Refuses, Paints], [Paints, Paints], [Silent, Paints]):
        async with AsyncClient(image_provider=IterListProvider(listed, False)) as client:
            answer = await client.images.generate("Hello", "", response_format="orginal")
            assert (answer.data[0].url, answer.provider) == ("Hello", answer.provider)


async def test_what_a_painter_raises_reaches_the_program():
    async with AsyncClient(media_provider=[Silent, Refuses]) as client:
        with pytest.raises(errors.MissingAuthError, match="log in"):
            await client.media.generate("Hello")
        with pytest.raises(errors.NoMediaResponseError):
            await client.images.generate("Hello", provider=Silent)
        with pytest.raises(errors.RetryNoProviderError):  # as programs for older versions catch it
            await client.audio.speech.create("Hello", provider=Silent)


async def test_an_answer_without_a_picture_is_an_error_of_its_own(write):
    async with Upstream(answering(b'{"created": 1, "data": []}')) as upstream:
        async with AsyncClient(config=write(A=upstream.url)) as client:
            with pytest.raises(errors.NoMediaResponseError):
                await client.images.generate("a cat", "m")


async def test_a_provider_is_given_the_pictures_to_change():
    class Changes:
        @staticmethod
        async def create_async_generator(model, messages, prompt, media, **kwargs):
            yield response.ImageResponse([f"data:image/png;base64,{base64.b64encode(media[0][0]).decode()}"], prompt)

    async with AsyncClient(Changes) as client:
        answer = await client.images.edit(PNG, "brighter")
        assert base64.b64decode(answer.data[0].b64_json) == PNG
        again = await client.images.create_variation(PNG, prompt="another")
        assert again.data[0].b64_json == answer.data[0].b64_json


async def test_a_picture_is_sent_as_a_file(write, tmp_path):
    (tmp_path / "cat.png").write_bytes(PNG)
    reply = answering(b'{"created": 1, "data": [{"b64_json": "aGk="}]}')
    async with Upstream(reply) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        answer = await client.images.edit(tmp_path / "cat.png", "brighter", "m")
        answer.data[0].save(tmp_path / "out.png")
    assert (tmp_path / "out.png").read_bytes() == b"hi"
    assert b'filename="cat.png"' in upstream.requests[0].body
    assert upstream.requests[0].path.endswith("/images/edits")


async def test_speech_is_bytes_and_a_transcript_is_text(write, tmp_path, demo):
    async with AsyncClient(config=demo) as client:
        spoken = await client.audio.speech.create("Hello", "d")
        assert spoken.read()[:4] == b"RIFF"
        spoken.save(tmp_path / "a.wav")
        heard = await client.audio.transcriptions.create(tmp_path / "a.wav", "d")
        assert isinstance(heard.text, str)
        assert isinstance(await client.audio.translations.create(("a.wav", b"RIFF"), "d", response_format="text"), str)
        with pytest.raises(errors.RequestError):
            await client.audio.translations.create(b"RIFF", "d", stream=True)


SPEECH = b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 8\r\n\r\n"


async def test_speech_that_breaks_off_is_an_error_of_ours(write):
    async with Upstream(Raw(SPEECH + b"ID3")) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        with pytest.raises(errors.G4FError, match="broke off"):
            await client.audio.speech.create("Hello", "m")


async def test_speech_is_heard_as_it_comes(write, tmp_path):
    gate = Gate()
    async with Upstream(Raw([SPEECH + b"ID3", gate, b"abcde"], end="keep")) as upstream:
        async with AsyncClient(config=write(A=upstream.url)) as client:
            async with client.audio.speech.with_streaming_response.create("Hello", "m", voice="v") as speech:
                heard = speech.iter_bytes(chunk_size=2)
                assert (await anext(heard), await anext(heard), speech.provider) == (b"ID", b"3", "A")
                gate.open()
                assert b"".join([piece async for piece in heard]) == b"abcde"
                with pytest.raises(RuntimeError, match="once"):
                    await speech.read()
            upstream.script(Raw(SPEECH + b"ID3abcde", end="keep"))
            async with client.audio.speech.with_streaming_response.create(input="Hello", model="m") as speech:
                await speech.stream_to_file(tmp_path / "said.mp3")
    assert (tmp_path / "said.mp3").read_bytes() == b"ID3abcde"
    assert upstream.requests[0].json == {"model": "up", "input": "Hello", "voice": "v"}


async def test_speech_that_nobody_hears_to_its_end_is_cancelled_upstream(write):
    async with (
        Upstream(Raw(SPEECH + b"ID3", end="hang")) as upstream,
        AsyncClient(config=write(A=upstream.url)) as client,
    ):
        async with client.audio.speech.with_streaming_response.create("Hello", "m"):
            pass
        await upstream.idle()


def test_speech_is_heard_without_a_loop(demo, tmp_path):
    with Client(config=demo) as client:
        with client.audio.speech.with_streaming_response.create("hi", "d") as speech:
            assert b"".join(speech.iter_bytes())[:4] == b"RIFF"
        with client.audio.speech.with_streaming_response.create("hi", "d") as speech:
            speech.stream_to_file(tmp_path / "a.wav")
        assert (tmp_path / "a.wav").read_bytes() == client.audio.speech.create("hi", "d").content


async def test_a_provider_of_the_programs_own_speaks_and_listens():
    class Voice:
        @staticmethod
        async def create_async_generator(model, messages, media=(), **kwargs):
            if media:
                yield f"{len(media[0][0])} bytes"
            else:
                yield response.AudioResponse(b"sound of " + messages[0]["content"].encode())

    async with AsyncClient(Voice) as client:
        assert (await client.audio.speech.create("hi")).content == b"sound of hi"
        assert (await client.audio.transcriptions.create(b"1234")).text == "4 bytes"


async def test_vectors_and_moderations(demo):
    async with AsyncClient(config=demo) as client:
        answer = await client.embeddings.create(["one", "two"], "d", dimensions=8)
        assert [len(item.embedding) for item in answer.data] == [8, 8]
        assert (await client.moderations.create("fine", "d")).results[0].flagged is False


def test_the_synchronous_client_does_the_same(demo):
    with Client(config=demo) as client:
        assert client.images.generate("a cat", "d", response_format="b64_json").data[0].b64_json
        assert client.audio.speech.create("hi", "d").content
        assert len(client.embeddings.create("one", "d").data) == 1
        assert client.images is client.media


@pytest.mark.parametrize("prompt", ["", None, 7])
async def test_a_picture_of_nothing_is_refused(demo, prompt):
    async with AsyncClient(config=demo) as client:
        with pytest.raises(errors.RequestError) as caught:
            await client.images.generate(prompt, "d")
    assert caught.value.param == "prompt"

"""What comes in pieces beside chats, and the forms in which a program gives its files."""

import base64
import io

import pytest

from g4f import AsyncClient, Client, errors
from g4f.client import images
from g4f.image import (
    detect_file_type,
    extract_data_uri,
    is_accepted_format,
    is_allowed_extension,
    to_bytes,
    to_data_uri,
)
from g4f.providers.guard import Guard
from tests.support.replies import Completion, Raw
from tests.support.upstream import Upstream

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 8
URI = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
PICTURES = b'{"created": 1, "data": [{"b64_json": "iVBORw0KGgo="}]}'


def body(content: bytes, media_type: str = "application/json") -> Raw:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {len(content)}\r\n\r\n".encode()
    return Raw(head + content, end="keep")


def events(*payloads: str) -> Raw:
    return body("".join(f"data: {payload}\n\n" for payload in payloads).encode(), "text/event-stream")


HEARD = events(
    '{"type": "transcript.text.delta", "delta": "Hel"}',
    '{"type": "transcript.text.delta", "delta": "lo"}',
    '{"type": "transcript.text.done", "text": "Hello"}',
)


async def test_a_transcript_streams(write):
    async with Upstream(HEARD) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        pieces = [event async for event in client.audio.transcriptions.create(b"RIFF", "m", stream=True)]
        awaited = await client.audio.transcriptions.create(b"RIFF", "m", stream=True)
        assert awaited.provider == "A"
        assert [event.type async for event in awaited][-1] == "transcript.text.done"
    assert [event.delta for event in pieces] == ["Hel", "lo", None]
    assert pieces[-1].text == "Hello"
    assert b'name="stream"\r\n\r\ntrue' in upstream.requests[0].body


async def test_a_picture_streams(write):
    painted = events(
        '{"type": "image_generation.partial_image", "b64_json": "aA==", "partial_image_index": 0}',
        '{"type": "image_generation.completed", "b64_json": "aGk="}',
    )
    async with Upstream(painted) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        stream = client.images.generate("a cat", "m", stream=True, partial_images=1)
        assert [event.b64_json async for event in stream] == ["aA==", "aGk="]
    assert upstream.requests[0].json["partial_images"] == 1


async def test_a_text_of_the_old_kind_comes_whole_and_in_pieces(write):
    reply = body(b'{"id": "c", "object": "text_completion", "choices": [{"index": 0, "text": " a time"}]}')
    async with Upstream(reply) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        assert (await client.completions.create("Once upon", "m", max_tokens=5)).choices[0].text == " a time"
        assert (upstream.requests[0].path, upstream.requests[0].json["prompt"]) == ("/v1/completions", "Once upon")
    with Client() as client:
        whole = client.completions.create("say", "demo").choices[0].text
        assert (
            "".join(piece.choices[0].text for piece in client.completions.create("say", "demo", stream=True)) == whole
        )


def test_the_synchronous_client_streams_them_too():
    with Client() as client:
        spoken = client.audio.transcriptions.create(b"RIFF", "demo", stream=True)
        assert [event.type for event in spoken][-1] == "transcript.text.done"
        assert [event.type for event in client.images.generate("a cat", "demo", stream=True)]


class Pillow:
    """What an image of Pillow's has of interest; one made in memory has no format."""

    format = None

    def save(self, file, kind):
        assert kind == "PNG"
        file.write(PNG)


@pytest.mark.parametrize(
    "given",
    [
        lambda: PNG,
        lambda: bytearray(PNG),
        lambda: io.BytesIO(PNG),
        lambda: URI,
        Pillow,
        lambda: ("cat.png", PNG),
        lambda: ("cat.png", io.BytesIO(PNG)),
    ],
    ids=["bytes", "bytearray", "open file", "data URI", "Pillow", "pair", "pair with file"],
)
async def test_a_picture_to_change_is_given_in_any_form(write, given):
    async with Upstream(body(PICTURES)) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        await client.images.edit(given(), "brighter", "m")
        await client.images.create_variation(given(), "m")
    for request in upstream.requests:
        assert PNG in request.body and b"Content-Type: image/png" in request.body


async def test_a_picture_to_change_is_fetched_from_its_address(write, monkeypatch):
    picture = body(PNG, "image/png")
    async with Upstream(picture) as web, Upstream(body(PICTURES)) as upstream:

        def guard(**how):
            return Guard(**how, allows=lambda _: True)

        address = web.url.removesuffix("/v1") + "/cat.png"
        async with AsyncClient(config=write(A=upstream.url)) as client:
            with pytest.raises(errors.RequestError, match="public server"):
                await client.images.edit(address, "brighter", "m")
            assert upstream.requests == web.requests == []
            monkeypatch.setattr(images, "Guard", guard)
            await client.images.edit([address, PNG], "brighter", "m")
    assert upstream.requests[0].body.count(PNG) == 2


async def test_an_address_is_there_where_one_was_asked_for(write):
    async with Upstream(body(PICTURES)) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        asked = await client.images.generate("a cat", "m", response_format="url")
        assert asked.data[0].url == "data:image/png;base64,iVBORw0KGgo="
        assert (await client.images.generate("a cat", "m")).data[0].url is None


async def test_the_time_of_a_call_holds_for_everything(write):
    async with Upstream(Raw(b"", end="hang")) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        for create in (client.images.generate, client.embeddings.create, client.audio.speech.create):
            with pytest.raises(errors.TimeoutError):
                await create("a cat", "m", timeout=0.01)


@pytest.mark.parametrize(
    "wrong", ["data:image/png;base64,", "data:image/png,abc", "data:image/png;base64,%%", "/none.png"]
)
async def test_a_picture_that_cannot_be_read_is_refused_before_anybody_is_asked(write, wrong):
    async with Upstream(Completion()) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        with pytest.raises(errors.RequestError):
            await client.images.edit(wrong, "brighter", "m")
    assert upstream.requests == []


def test_pictures_in_the_forms_that_programs_have_them_in(tmp_path):
    (tmp_path / "a.png").write_bytes(PNG)
    assert to_bytes(tmp_path / "a.png") == to_bytes(URI) == to_bytes(io.BytesIO(PNG)) == PNG
    assert to_data_uri(PNG) == to_data_uri(URI) == URI
    assert detect_file_type(PNG) == is_accepted_format(PNG) == "image/png"
    assert extract_data_uri(URI) == PNG
    assert [is_allowed_extension(name) for name in ("a.PNG", "b.mp3", "c.txt", "d")] == [True, True, False, False]
    with pytest.raises(ValueError, match="no picture"):
        is_accepted_format(b"%PDF-1.4")

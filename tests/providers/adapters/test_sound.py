"""ElevenLabs and Deepgram, asked and answered in OpenAI's words."""

from urllib.parse import parse_qs, urlsplit

import openai
import pytest

from g4f.dialects.multipart import read_form
from tests.providers.adapters.conftest import KEY
from tests.providers.adapters.replies import MP3, answer
from tests.support.http import chunk, head
from tests.support.replies import Raw, Redirect, Status

#: https://elevenlabs.io/docs/api-reference/speech-to-text/convert, cut short.
SCRIBE = {
    "language_code": "en",
    "language_probability": 0.98,
    "text": "Hello world!",
    "words": [
        {"text": "Hello", "start": 0, "end": 0.5, "type": "word", "speaker_id": "speaker_1"},
        {"text": " ", "start": 0.5, "end": 0.5, "type": "spacing", "speaker_id": "speaker_1"},
        {"text": "world!", "start": 0.5, "end": 1.2, "type": "word", "speaker_id": "speaker_1"},
    ],
}
#: https://developers.deepgram.com/reference/speech-to-text/listen-pre-recorded, cut short.
NOVA = {
    "metadata": {"request_id": "r", "duration": 1.5, "channels": 1},
    "results": {
        "channels": [
            {
                "detected_language": "en",
                "alternatives": [
                    {
                        "transcript": "Hello world.",
                        "confidence": 0.99,
                        "words": [{"word": "hello", "start": 0.1, "end": 0.5, "confidence": 0.9}],
                    }
                ],
            }
        ]
    },
}
VOICE = "JBFqnCBsd6RMkjVDRZzb"


def asked(request):
    parts = urlsplit(request.path)
    return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}


async def test_elevenlabs_speaks_with_its_voices_as_it_comes(front, upstream):
    client = await front("ElevenLabs", "speech", model="eleven_v3")
    pieces = [head(200, {"Content-Type": "audio/mpeg", "Transfer-Encoding": "chunked"}), chunk(MP3), chunk(MP3)]
    upstream.script(Raw([*pieces, chunk(b"")], end="keep"))
    got = await client.sdk.audio.speech.create(model="m", voice=VOICE, input="Good day", speed=1.1)
    assert got.read() == MP3 * 2
    sent = upstream.requests[0]
    assert asked(sent) == (f"/v1/text-to-speech/{VOICE}/stream", {"output_format": "mp3_44100_128"})
    assert sent.json == {"text": "Good day", "model_id": "eleven_v3", "voice_settings": {"speed": 1.1}}
    assert (sent.headers["xi-api-key"], "authorization" in sent.headers) == (KEY, False)


@pytest.mark.parametrize(
    ("provider", "path", "form"),
    [
        ("ElevenLabs", "/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM/stream", {"output_format": "pcm_24000"}),
        (
            "Deepgram",
            "/v1/speak",
            {"model": "up", "encoding": "linear16", "container": "none", "sample_rate": "24000"},
        ),
    ],
)
async def test_openais_voices_and_forms_become_the_services_own(front, upstream, provider, path, form):
    client = await front(provider, "speech")
    upstream.script(answer(b"\0\1" * 50, "audio/pcm"))
    body = {"model": "m", "voice": "alloy", "input": "x", "response_format": "pcm", "instructions": "cheerfully"}
    response = await client.post("/v1/audio/speech", json=body)
    assert (response.status, response.content_type) == (200, "audio/pcm")
    assert asked(upstream.requests[0]) == (path, form)
    assert response.headers["x-g4f-dropped"] == "voice, instructions"


async def test_a_form_of_sound_that_a_service_has_not_is_refused_before_it_is_asked(front, upstream):
    client = await front("ElevenLabs", "speech")
    with pytest.raises(openai.BadRequestError, match="flac"):
        await client.sdk.audio.speech.create(model="m", voice="alloy", input="x", response_format="flac")
    assert upstream.requests == []


async def test_a_deepgram_voice_takes_the_place_of_the_model(front, upstream):
    client = await front("Deepgram", "speech", model="aura-2-thalia-en")
    upstream.script(answer(MP3, "audio/mpeg"))
    await client.sdk.audio.speech.create(model="m", voice="aura-2-zeus-en", input="x")
    assert asked(upstream.requests[0])[1] == {"model": "aura-2-zeus-en", "encoding": "mp3"}
    assert upstream.requests[0].headers["authorization"] == f"Token {KEY}"


async def test_elevenlabs_hears_a_file(front, upstream):
    client = await front("ElevenLabs", "transcription", model="scribe_v1")
    upstream.script(answer(SCRIBE))
    got = await client.sdk.audio.transcriptions.create(
        model="m", file=("a.mp3", MP3), language="en", response_format="verbose_json"
    )
    assert (got.text, got.language) == ("Hello world!", "en")
    assert [(word.word, word.end) for word in got.words] == [("Hello", 0.5), ("world!", 1.2)]
    form = read_form(upstream.requests[0].body, content_type=upstream.requests[0].headers["content-type"])
    assert dict(form.fields) == {"model_id": "scribe_v1", "language_code": "en"}
    assert [(file.field, bytes(file.content)) for file in form.files] == [("file", MP3)]
    assert upstream.requests[0].path == "/v1/speech-to-text"


async def test_deepgram_hears_a_file(front, upstream):
    client = await front("Deepgram", "transcription", model="nova-3")
    upstream.script(answer(NOVA))
    for form in ("json", "text", "verbose_json"):
        got = await client.sdk.audio.transcriptions.create(
            model="m", file=("a.mp3", MP3, "audio/mpeg"), response_format=form
        )
        assert (got.strip() if isinstance(got, str) else got.text) == "Hello world."
    assert (got.duration, got.words[0].word) == (1.5, "hello")
    sent = upstream.requests[0]
    assert asked(sent) == ("/v1/listen", {"model": "nova-3", "smart_format": "true", "detect_language": "true"})
    assert (sent.body, sent.headers["content-type"]) == (MP3, "audio/mpeg")


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/"])
async def test_the_root_may_be_written_as_for_openais_sdk(front, upstream, path):
    client = await front("ElevenLabs", "transcription", path=path)
    upstream.script(answer(SCRIBE))
    await client.sdk.audio.transcriptions.create(model="m", file=("a.mp3", MP3))
    assert upstream.requests[0].path == "/v1/speech-to-text"


@pytest.mark.parametrize("provider", ["ElevenLabs", "Deepgram"])
async def test_subtitles_are_refused_before_anybody_is_asked(front, upstream, provider):
    client = await front(provider, "transcription")
    with pytest.raises(openai.BadRequestError, match="subtitles"):
        await client.sdk.audio.transcriptions.create(model="m", file=("a.mp3", MP3), response_format="srt")
    assert upstream.requests == []


_OUT = {"detail": {"status": "quota_exceeded", "message": "This request exceeds your quota."}}
_BUSY = {"detail": {"status": "system_busy", "message": "We are experiencing heavy traffic."}}
_WRONG = {"err_code": "INVALID_AUTH", "err_msg": f"Invalid credentials {KEY}.", "request_id": "r"}


@pytest.mark.parametrize(
    ("provider", "reply", "status", "code"),
    [
        ("ElevenLabs", answer(_OUT, status=401), 429, "insufficient_quota"),
        ("ElevenLabs", answer(_BUSY, status=429), 503, "upstream_overloaded"),
        ("ElevenLabs", answer(b"[]"), 502, "upstream_bad_response"),
        ("ElevenLabs", answer(b"{"), 502, "upstream_bad_response"),
        ("Deepgram", answer(_WRONG, status=401), 502, "provider_auth_error"),
        ("Deepgram", answer({"results": {"channels": []}}), 502, "upstream_bad_response"),
        ("Deepgram", answer({"results": {"channels": [{"alternatives": [{"transcript": 3}]}]}}), 502, None),
        ("Deepgram", answer(b"<html>"), 502, "upstream_bad_response"),
        ("Deepgram", Redirect("https://elsewhere.example/"), 502, "upstream_redirect"),
        ("Deepgram", Status(429, b"{}", {"Retry-After": "9"}), 429, "rate_limit_exceeded"),
    ],
)
async def test_a_failure_to_hear_is_told_by_its_kind(front, upstream, provider, reply, status, code):
    client = await front(provider, "transcription")
    upstream.script(reply)
    with pytest.raises(openai.APIStatusError) as caught:
        await client.sdk.audio.transcriptions.create(model="m", file=("a.mp3", MP3))
    assert caught.value.status_code == status
    assert code is None or caught.value.code == code
    assert KEY not in str(caught.value.body)


async def test_sound_that_breaks_off_is_cut_for_the_client_too(front, upstream):
    client = await front("ElevenLabs", "speech")
    upstream.script(Raw([head(200, {"Content-Type": "audio/mpeg", "Content-Length": "1000"}), MP3]))
    response = await client.post("/v1/audio/speech", json={"model": "m", "voice": "alloy", "input": "x"})
    with pytest.raises(Exception, match=r"payload|TransferEncoding|closed"):
        await response.read()


async def test_json_in_place_of_sound_is_no_answer(front, upstream):
    client = await front("Deepgram", "speech")
    upstream.script(answer({"ok": True}))
    response = await client.post("/v1/audio/speech", json={"model": "m", "voice": "alloy", "input": "x"})
    assert (await response.json())["error"]["code"] == "upstream_bad_response"

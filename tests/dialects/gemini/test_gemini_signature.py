"""What others signed, in the hands of Google's SDKs: bytes in base64, sent back in the URL's alphabet."""

import base64
import json
from typing import Any

import pytest

from g4f.dialects.gemini.face import UPSTREAM
from g4f.dialects.gemini.request import decode_request
from g4f.dialects.gemini.signature import opened, sealed
from g4f.dialects.gemini.wire import SIGNED_BY_GEMINI
from g4f.exchange.request import Request


def asked(*parts: dict[str, Any]) -> Request:
    contents = [{"role": "user", "parts": [{"text": "hi"}]}, {"role": "model", "parts": list(parts)}]
    body = json.dumps({"contents": contents}).encode()
    return decode_request(body, request_id="req_1", model="m", call="generateContent")


def returned(signature: str) -> str:
    """As the SDK sends it back."""
    return base64.urlsafe_b64encode(base64.b64decode(signature, validate=True)).decode()


@pytest.mark.parametrize("signature", ["gAAAA+b/c==", "", "x", "~~??>>", "é"])
def test_a_foreign_signature_survives_the_sdk(signature: str) -> None:
    assert opened(returned(sealed("their-format", signature))) == ("their-format", signature)
    assert opened(returned(sealed("their-format", signature)).rstrip("=")) == ("their-format", signature)


@pytest.mark.parametrize("signature", ["c2ln", "ZzRmOé", "ZzRmO", "ZzRmOv__", ""])
def test_any_other_is_geminis_own(signature: str) -> None:
    assert opened(signature) == (SIGNED_BY_GEMINI, signature)


@pytest.mark.parametrize("model", ["gemini-2.5-flash", "gemini-3-pro"])
def test_gemini_is_not_sent_what_another_maker_signed(model: str) -> None:
    foreign = returned(sealed("their-format", "a+/b"))
    call = {"functionCall": {"name": "f", "args": {}}}
    request = asked({"text": "Hm.", "thoughtSignature": foreign}, {**call, "thought_signature": foreign})
    sent = json.loads(UPSTREAM.encode_request(request, model=model).body)["contents"][1]["parts"]
    unsigned = {"thoughtSignature": "skip_thought_signature_validator"} if model == "gemini-3-pro" else {}
    assert sent == [{"text": "Hm."}, {**call, **unsigned}]


def test_geminis_own_signatures_go_back_as_they_came() -> None:
    request = asked({"text": "Hm.", "thoughtSignature": "c2ln-_"})
    assert json.loads(UPSTREAM.encode_request(request, model="gemini-3-pro").body) == request.native


def test_pictures_reach_other_dialects_in_the_alphabet_they_know() -> None:
    body = {"contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": "-_8="}}]}]}
    request = decode_request(json.dumps(body).encode(), request_id="r", model="m", call="generateContent")
    (part,) = request.payload["messages"][0]["content"]
    assert part["image_url"]["url"] == "data:image/png;base64,+/8="

"""Fireworks: OpenAI's dialect, but for pictures, which its FLUX models make one at a time at addresses of their own.

https://docs.fireworks.ai/api-reference/generate-a-new-image-from-a-text-prompt
"""

from math import gcd

from g4f.dialects.face import Origin, Outgoing
from g4f.dialects.fields import write_object
from g4f.dialects.openai.face import OpenAIUpstream
from g4f.exchange.answer import Completion
from g4f.exchange.request import Operation, Request
from g4f.providers.adapters import asked
from g4f.providers.adapters.one_picture import OnePicture
from g4f.providers.endpoint import EndpointOptions
from g4f.providers.transport import Pools
from g4f.providers.types import Adapter

#: Its own parameters, and the ratios of sides that it makes.
_OWN = ("aspect_ratio", "guidance_scale", "num_inference_steps", "seed")
_RATIOS = frozenset({"1:1", "21:9", "16:9", "3:2", "5:4", "4:5", "2:3", "9:16", "9:21", "4:3", "3:4"})


class FireworksFace(OpenAIUpstream):
    """How Fireworks is asked."""

    def encode_request(self, request: Request, *, model: str) -> Outgoing:
        if request.operation is Operation.IMAGE_GENERATION:
            return _picture(request, model)
        return super().encode_request(request, model=model)

    def decode_result(self, body: bytes, *, media_type: str, origin: Origin) -> Completion:
        if origin.request.operation is Operation.IMAGE_GENERATION:
            return asked.picture(body, media_type, origin)
        return super().decode_result(body, media_type=media_type, origin=origin)


def _picture(request: Request, model: str) -> Outgoing:
    payload = request.payload
    body = {"prompt": payload["prompt"], **{name: payload[name] for name in _OWN if name in payload}}
    left_out = asked.dropped(payload, {"prompt", "size", *_OWN})
    sides = dict(asked.sides(payload))
    if sides:
        shared = gcd(sides["width"], sides["height"]) or 1
        ratio = f"{sides['width'] // shared}:{sides['height'] // shared}"
        if ratio in _RATIOS:
            body.setdefault("aspect_ratio", ratio)
        else:
            left_out = ("size", *left_out)
    return Outgoing(
        path=f"/workflows/{asked.model_path(model)}/text_to_image",
        body=write_object(body),
        headers={"Accept": "image/jpeg"},
        dropped=left_out,
    )


def bind(options: EndpointOptions, pools: Pools) -> Adapter:
    """The adapter of a row."""
    return OnePicture(options, pools, FireworksFace())

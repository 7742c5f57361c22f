"""Nebius: OpenAI's dialect, but for pictures, which are as wide and high as is said in two numbers.

https://docs.tokenfactory.nebius.com/api-reference/inference/generate
"""

from g4f.dialects.face import Outgoing
from g4f.dialects.openai.face import OpenAIUpstream
from g4f.exchange.request import Operation, Request
from g4f.providers.adapters import asked
from g4f.providers.adapters.one_picture import OnePicture
from g4f.providers.endpoint import EndpointOptions
from g4f.providers.transport import Pools
from g4f.providers.types import Adapter


class NebiusFace(OpenAIUpstream):
    """How Nebius is asked."""

    def encode_request(self, request: Request, *, model: str) -> Outgoing:
        if request.operation is Operation.IMAGE_GENERATION:
            payload = {name: value for name, value in request.payload.items() if name not in ("size", "n")}
            request = request.saying(payload | dict(asked.sides(request.payload)))
        return super().encode_request(request, model=model)


def bind(options: EndpointOptions, pools: Pools) -> Adapter:
    """The adapter of a row."""
    return OnePicture(options, pools, NebiusFace())

"""Together: OpenAI's dialect, but for pictures, which have other words for size and form.

https://docs.together.ai/reference/post-images-generations
"""

from g4f.dialects.face import Outgoing
from g4f.dialects.openai.face import OpenAIUpstream
from g4f.exchange.request import Operation, Request
from g4f.providers.adapters import asked
from g4f.providers.endpoint import Endpoint, EndpointOptions
from g4f.providers.transport import Pools
from g4f.providers.types import Adapter

_FORMS = {"b64_json": "base64", "url": "url"}


class TogetherFace(OpenAIUpstream):
    """How Together is asked."""

    def encode_request(self, request: Request, *, model: str) -> Outgoing:
        if request.operation is Operation.IMAGE_GENERATION:
            payload = {name: value for name, value in request.payload.items() if name != "size"}
            payload |= dict(asked.sides(request.payload))
            form = payload.get("response_format")
            if form is not None:
                payload["response_format"] = _FORMS.get(str(form), form)
            request = request.saying(payload)
        return super().encode_request(request, model=model)


def bind(options: EndpointOptions, pools: Pools) -> Adapter:
    """The adapter of a row."""
    return Endpoint(options, pools, TogetherFace())

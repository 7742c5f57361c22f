"""Azure OpenAI by deployments: OpenAI's dialect, where the address names the deployment and a version of the API.

https://learn.microsoft.com/azure/ai-services/openai/reference. Its newer v1 API needs no adapter: there `base_url` is
`https://NAME.openai.azure.com/openai/v1`, and the dialect is openai.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import orjson

from g4f.dialects.face import Outgoing
from g4f.dialects.openai.face import OpenAIUpstream
from g4f.exchange.request import Request
from g4f.providers.endpoint import Endpoint, EndpointOptions
from g4f.providers.transport import Pools
from g4f.providers.types import Adapter

#: The latest version for inference that is not a preview (.../openai/api-version-lifecycle).
USUAL_VERSION = "2024-10-21"


class AzureFace(OpenAIUpstream):
    """How a resource is asked; `base_url` is its root, and the upstream's model is a deployment."""

    def __init__(self, version: str) -> None:
        self._version = f"?api-version={quote(version)}"
        self.models_path = f"/openai/models{self._version}"

    def headers(self, key: str | None) -> Mapping[str, str]:
        return {"api-key": key} if key else {}

    def encode_request(self, request: Request, *, model: str) -> Outgoing:
        outgoing = super().encode_request(request, model=model)
        return replace(outgoing, path=f"/openai/deployments/{quote(model, safe='')}{outgoing.path}{self._version}")

    def decode_models(self, body: bytes) -> Sequence[str]:
        listed: list[Any] = orjson.loads(body)["data"]
        return [item["id"] for item in listed if isinstance(item["id"], str)]


def bind(options: EndpointOptions, pools: Pools) -> Adapter:
    """The adapter of a row."""
    return Endpoint(options, pools, AzureFace(options.api_version or USUAL_VERSION))

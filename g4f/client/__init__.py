"""The library: the gateway inside a Python program."""

from g4f.client.aio import AsyncClient
from g4f.client.factory import ClientFactory, create_custom_provider
from g4f.client.service import convert_to_provider, get_model_and_provider
from g4f.client.stream import AsyncStream, Stream
from g4f.client.sync import Client
from g4f.client.types import ChatCompletion, ChatCompletionChunk, Image, ImagesResponse

__all__ = [
    "AsyncClient",
    "AsyncStream",
    "ChatCompletion",
    "ChatCompletionChunk",
    "Client",
    "ClientFactory",
    "Image",
    "ImagesResponse",
    "Stream",
    "convert_to_provider",
    "create_custom_provider",
    "get_model_and_provider",
]

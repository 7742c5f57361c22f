"""The library: the gateway inside a Python program."""

from g4f.client.aio import AsyncClient
from g4f.client.sync import Client
from g4f.client.types import Completion, CompletionChunk

__all__ = ["AsyncClient", "Client", "Completion", "CompletionChunk"]

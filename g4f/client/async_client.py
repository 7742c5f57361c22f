"""The module in which programs written for g4f look for the asynchronous client."""

from g4f.client.aio import AsyncClient

__all__ = ["AsyncClient"]

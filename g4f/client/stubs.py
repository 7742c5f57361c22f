"""The classes of answers under the names that they have in g4f."""

from g4f.client.types import Audio as AudioResponseModel
from g4f.client.types import ChatCompletion, ChatCompletionChunk, Image, ImagesResponse
from g4f.client.types import Choice as ChatCompletionChoice
from g4f.client.types import ChunkChoice as ChatCompletionDeltaChoice
from g4f.client.types import Delta as ChatCompletionDelta
from g4f.client.types import Function as ToolFunctionModel
from g4f.client.types import Message as ChatCompletionMessage
from g4f.client.types import ToolCall as ToolCallModel
from g4f.client.types import Usage as UsageModel

__all__ = [
    "AudioResponseModel",
    "ChatCompletion",
    "ChatCompletionChoice",
    "ChatCompletionChunk",
    "ChatCompletionDelta",
    "ChatCompletionDeltaChoice",
    "ChatCompletionMessage",
    "Image",
    "ImagesResponse",
    "ToolCallModel",
    "ToolFunctionModel",
    "UsageModel",
]

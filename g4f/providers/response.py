"""What a provider written in Python may yield beside text.

Plain values that say what they are; the adapter turns them into the answer (`adapters/python_chunks.py`). `str()` of
one is what a reader of the chat would see: a `HiddenResponse` shows nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote


class ResponseType:
    """The base of everything a provider may yield that is not a string."""

    def __str__(self) -> str:
        return ""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


class HiddenResponse(ResponseType):
    """Something about the answer that is not a part of it."""


class FinishReason(HiddenResponse):
    """Why the answer ended: `stop`, `length`, `tool_calls` or `content_filter`."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class ToolCalls(HiddenResponse):
    """Calls of tools, each as OpenAI's API writes one: `{"id", "type", "function": {"name", "arguments"}}`."""

    def __init__(self, tool_calls: Sequence[Mapping[str, Any]]) -> None:
        self.list = list(tool_calls)

    def get_list(self) -> list[Mapping[str, Any]]:
        return self.list


class Usage(HiddenResponse):
    """Tokens that were used, by any of the names that providers have for them."""

    _INPUT = ("prompt_tokens", "promptTokens", "input_tokens", "inputTokens", "promptTokenCount")
    _OUTPUT = ("completion_tokens", "completionTokens", "output_tokens", "outputTokens", "candidatesTokenCount")

    def __init__(self, **counts: Any) -> None:
        self.prompt_tokens = self._first(counts, self._INPUT)
        self.completion_tokens = self._first(counts, self._OUTPUT)
        self.total_tokens = self.prompt_tokens + self.completion_tokens

    @staticmethod
    def _first(counts: Mapping[str, Any], names: Sequence[str]) -> int:
        found = next((counts[name] for name in names if isinstance(counts.get(name), int | float)), 0)
        return int(found)


class BaseConversation(HiddenResponse):
    """What a provider needs to go on with a conversation."""


class JsonConversation(BaseConversation):
    """A conversation as plain fields."""

    def __init__(self, **fields: Any) -> None:
        vars(self).update(fields)

    def get_dict(self) -> dict[str, Any]:
        return dict(vars(self))


class ProviderInfo(HiddenResponse):
    """Which provider speaks."""

    def __init__(self, name: str = "", **fields: Any) -> None:
        self.name = name
        vars(self).update(fields)


class TitleGeneration(HiddenResponse):
    """A title for the conversation."""

    def __init__(self, title: str) -> None:
        self.title = title


class DebugResponse(HiddenResponse):
    """A line for whoever debugs the provider."""

    def __init__(self, log: str) -> None:
        self.log = log


class Reasoning(ResponseType):
    """What the model thinks before it answers; `status` is a heading for it."""

    def __init__(
        self, token: str | None = None, label: str | None = None, status: str | None = None, is_thinking: Any = None
    ) -> None:
        self.token = token
        self.label = label
        self.status = status
        self.is_thinking = is_thinking

    def __str__(self) -> str:
        return self.token or ""


class Sources(ResponseType):
    """Where the answer is from: `{"title", "url"}` each."""

    def __init__(self, sources: Sequence[Mapping[str, str]]) -> None:
        self.list = list(sources)

    def __str__(self) -> str:
        lines = [format_link(source.get("url", ""), source.get("title")) for source in self.list]
        return "\n\n" + "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1)) if lines else ""


class MediaResponse(ResponseType):
    """Pictures, films or sounds by their addresses; `alt` is what they show."""

    def __init__(self, urls: str | Sequence[str], alt: str = "", options: Mapping[str, Any] | None = None) -> None:
        self.urls = urls
        self.alt = alt
        self.options = dict(options or {})

    def get(self, key: str) -> Any:
        return self.options.get(key)

    def get_list(self) -> list[str]:
        return [self.urls] if isinstance(self.urls, str) else list(self.urls)

    def __str__(self) -> str:
        return "\n".join(f"!{format_link(url, self.alt)}" for url in self.get_list())


class ImageResponse(MediaResponse):
    """Pictures."""


class ImagePreview(ImageResponse, HiddenResponse):
    """A picture that is not finished."""

    def __str__(self) -> str:
        return ""


class VideoResponse(MediaResponse):
    """Films."""

    def __str__(self) -> str:
        return "\n".join(format_link(url, self.alt or "video") for url in self.get_list())


class AudioResponse(ResponseType):
    """A sound: its bytes or a data URI, and what is said in it."""

    def __init__(self, data: bytes | str, transcript: str | None = None, **fields: Any) -> None:
        self.data = data
        self.transcript = transcript
        vars(self).update(fields)

    def __str__(self) -> str:
        return self.transcript or ""


def format_link(url: str, title: str | None = None) -> str:
    """A Markdown link that its own text and address cannot break out of."""
    shown = (title or url).replace("\n", " ").replace("[", "(").replace("]", ")")
    return f"[{shown}]({quote(url, safe='/:?#[]@!$&*+,;=%~._-')})"

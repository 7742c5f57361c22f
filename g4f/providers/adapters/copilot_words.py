"""The words of Copilot's conversation, sans-IO: what is asked, and the events that its messages come to.

A message is an object with an `event`: `appendText` and `chainOfThought` carry text, `citation` and `imageGenerated`
addresses, and `done`, `error` and `challenge` end the answer. Others tell its page what to show.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from g4f.dialects import hub
from g4f.dialects.face import Origin
from g4f.dialects.scrub import scrub
from g4f.exchange.events import Citation, Event, Finish, Image, Reasoning, Start, Text
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind

#: Its models, and what it calls the mode of each.
MODES: Mapping[str, str] = {"Copilot": "chat", "think-deeper": "reasoning", "smart": "smart"}
_SPEAKERS = {"system": "System", "developer": "System", "user": "User", "assistant": "Assistant", "tool": "Tool"}
_LIMITS = ("rate", "limit", "throttl", "quota", "too-many", "toomany")


def prompt_of(payload: Mapping[str, Any], provider: str) -> str:
    """All messages as one text: the conversation there has only what is sent now. Raises AttemptFailed."""
    hub.refuse_other_answers(payload, provider)
    if payload.get("tools") and payload.get("tool_choice") != "none":
        raise hub.unsupported(f"{provider} calls no tools")
    wanted = payload.get("response_format")
    if isinstance(wanted, Mapping) and wanted.get("type") not in (None, "text"):
        raise hub.unsupported(f"{provider} does not answer in JSON")
    messages = [message for message in payload["messages"] if isinstance(message, Mapping)]
    for message in messages:
        if any(part.get("type") not in ("text", "refusal") for part in hub.parts_of(message.get("content"))):
            raise hub.unsupported(f"{provider} takes text only")
    if len(messages) == 1:
        return hub.text_of(messages[0].get("content"), "\n")
    said = ((_SPEAKERS.get(str(m.get("role")), "User"), hub.text_of(m.get("content"), "\n")) for m in messages)
    return "\n\n".join(f"{speaker}: {text}" for speaker, text in said if text)


def dropped(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields of a request that its conversation has no words for."""
    return tuple(hub.unhandled(payload, ("tools", "tool_choice", "response_format", "n")))


def question(prompt: str, conversation: str, model: str) -> dict[str, Any]:
    """The message that asks."""
    content = [{"type": "text", "text": prompt}]
    return {"event": "send", "conversationId": conversation, "content": content, "mode": MODES.get(model, "chat")}


class Answer:
    """One answer, message by message. `finished` turns true when Copilot has said that it is complete."""

    def __init__(self, origin: Origin) -> None:
        self.finished = False
        self._origin = origin
        self._begun = False
        self._said = ""

    def take(self, message: Mapping[str, Any]) -> Iterator[Event]:
        """The events of one message. Raises AttemptFailed."""
        kind = message.get("event")
        if kind == "error":
            raise AttemptFailed(self._failure(message))
        if kind == "challenge":
            text = (
                f"{self._origin.provider} wants a bot check solved: open its page in a browser and upload the session"
            )
            raise AttemptFailed(Failure(kind=FailureKind.CHALLENGE, message=text))
        found = list(self._events(kind, message))
        if found and not self._begun:
            self._begun = True
            yield Start()
        yield from found

    def _events(self, kind: Any, message: Mapping[str, Any]) -> Iterator[Event]:
        text, url = message.get("text"), message.get("url")
        match kind:
            case "appendText" if isinstance(text, str) and text:
                self._said += text
                yield Text(text)
            case "replaceText" if isinstance(text, str) and text.startswith(self._said):
                rest, self._said = text[len(self._said) :], text
                yield Text(rest)
            case "chainOfThought" if isinstance(text, str) and text:
                yield Reasoning(text)
            case "imageGenerated" if isinstance(url, str) and url:
                yield Image(url)
            case "citation" if isinstance(url, str) and url:
                title = message.get("title")
                yield Citation(url, title if isinstance(title, str) else None)
            case "done":
                if not self._begun:
                    text = f"{self._origin.provider} answered with nothing"
                    raise AttemptFailed(Failure(kind=FailureKind.EMPTY, message=text))
                self.finished = True
                yield Finish("stop")

    def _failure(self, message: Mapping[str, Any]) -> Failure:
        code = str(message.get("errorCode") or message.get("code") or "error")
        kind = FailureKind.RATE_LIMITED if any(word in code.lower() for word in _LIMITS) else FailureKind.SERVER_ERROR
        said = scrub(str(message.get("message") or code), self._origin.secrets)
        return Failure(
            kind=kind, message=f"{self._origin.provider}: {said}", code=scrub(code, self._origin.secrets)[:64]
        )

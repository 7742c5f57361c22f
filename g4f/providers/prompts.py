"""Messages as the plain text that some providers take, for providers written in Python."""

import secrets
import string
from collections.abc import Mapping, Sequence
from typing import Any

Chat = Sequence[Mapping[str, Any]]


def to_string(content: Any) -> str:
    """The words of a message's content, whose parts may be of several kinds."""
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping):
        return str(content.get("text") or "")
    if isinstance(content, Sequence):
        return "\n".join(text for part in content if (text := to_string(part)))
    return ""


def format_prompt(
    messages: Chat, add_special_tokens: bool = False, do_continue: bool = False, include_system: bool = True
) -> str:
    """A chat as one text, each message after its role, and the assistant's turn at the end (unless `do_continue`).

    A single message is its own words, unless `add_special_tokens`.
    """
    if len(messages) == 1 and not add_special_tokens:
        return to_string(messages[0].get("content"))
    said = [
        f"{str(message.get('role', '')).capitalize()}: {text}"
        for message in messages
        if (include_system or message.get("role") not in ("system", "developer"))
        and (text := to_string(message.get("content"))).strip()
    ]
    return "\n".join(said if do_continue else [*said, "Assistant:"])


def get_system_prompt(messages: Chat) -> str:
    """What the model is told before everything else."""
    told = (to_string(m.get("content")) for m in messages if m.get("role") in ("system", "developer"))
    return "\n".join(text for text in told if text)


def get_last_user_message(messages: Chat, include_buckets: bool = True) -> str:
    """What the user said since the last answer. `include_buckets` changes nothing: there are none here."""
    said: list[str] = []
    for message in reversed(messages):
        if message.get("role") != "user":
            break
        if text := to_string(message.get("content")).strip():
            said.insert(0, text)
    return "\n".join(said)


def get_last_message(messages: Chat) -> str:
    """The words of the last message that has some."""
    return next((text for m in reversed(messages) if (text := to_string(m.get("content")).strip())), "")


def format_media_prompt(messages: Chat, prompt: str | None = None) -> str:
    """The description of a picture or a sound: the prompt, or else what the user said last."""
    return prompt or get_last_user_message(messages)


format_image_prompt = format_media_prompt


def get_random_string(length: int = 10) -> str:
    """Letters and digits that nobody can guess."""
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(length))


def get_random_hex(length: int = 32) -> str:
    """Hexadecimal digits that nobody can guess."""
    return secrets.token_hex(length)[:length]

"""How many tokens the input of a chat comes to: told by one dialect that counts, passed on in the words of another."""

from collections.abc import Mapping
from typing import Final

import orjson

from g4f.dialects.openai.wire import bad_response
from g4f.exchange.answer import Completion
from g4f.exchange.request import Dialect

#: What the number is called (https://docs.claude.com/en/api/messages-count-tokens, https://ai.google.dev/api/tokens).
_NAMES: Final[Mapping[Dialect, str]] = {Dialect.ANTHROPIC: "input_tokens", Dialect.GEMINI: "totalTokens"}


def counted(body: bytes, *, behind: Dialect, before: Dialect, provider: str) -> Completion:
    """The count in the words of the client's dialect. Raises AttemptFailed and ValueError where there is none."""
    told = orjson.loads(body)
    count = told.get(_NAMES[behind]) if isinstance(told, dict) else None
    if type(count) is not int:
        raise bad_response(f"{provider} did not count the tokens")
    return Completion(orjson.dumps({_NAMES[before]: count}))

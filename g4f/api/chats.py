"""The chats that are answered from the start, before anything else is loaded (`later.py`)."""

from collections.abc import Mapping
from types import MappingProxyType

from g4f.api.handlers.chat import Chat
from g4f.api.handlers.count_tokens import count_tokens
from g4f.api.inbound import Handler
from g4f.exchange.request import Dialect

#: By their paths, without variables.
CHATS: Mapping[str, Handler] = MappingProxyType(
    {
        "/v1/chat/completions": Chat(Dialect.OPENAI),
        "/v1/responses": Chat(Dialect.OPENAI_RESPONSES),
        "/v1/messages": Chat(Dialect.ANTHROPIC),
        "/v1/messages/count_tokens": count_tokens,
    }
)
#: The same by the targets of requests.
EARLY: Mapping[bytes, Handler] = MappingProxyType({path.encode(): handler for path, handler in CHATS.items()})

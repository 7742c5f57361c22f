"""AsyncClient: the gateway inside a Python program, with the surface of the OpenAI SDK.

It takes the same way as a request to the daemon, from the validated request on: for the same file and the same
upstreams both do the same.
"""

import inspect
from collections.abc import Mapping
from os import PathLike
from types import TracebackType
from typing import Any, Self

from g4f.client.asker import Asker
from g4f.client.audio import AsyncAudio
from g4f.client.chat import AsyncCompletions
from g4f.client.images import AsyncImages
from g4f.client.known import KnownModels
from g4f.client.options import ConfigSource, Options, one_proxy
from g4f.client.texts import AsyncEmbeddings, AsyncModerations, AsyncTextCompletions
from g4f.gateway.explain import Explanation


class AsyncClient:
    """A client over one g4f.yaml, or over the catalog and the keys of this environment.

    `config` is the path of a file, or a mapping of what would stand in one. `provider` pins its requests: a name, a
    class or a list (see `docs/providers.md`). `api_key` belongs to that provider, or to the server at `base_url`, which
    speaks OpenAI's dialect. `proxy` is a URL; `timeout` is in seconds; `max_retries` are on the same provider, before
    the next is asked. `watch` lets it serve by each new version of the file. Raises ConfigError for what cannot be
    used, and contacts nobody by itself. Close it, or use it as a context manager; one that the program lets go of
    closes its connections.
    """

    def __init__(
        self,
        provider: Any = None,
        media_provider: Any = None,
        *,
        config: ConfigSource | None = None,
        api_key: str | Mapping[str, str] | None = None,
        base_url: str | None = None,
        proxy: str | None = None,
        proxies: str | Mapping[str, str] | None = None,
        timeout: float | None = None,
        max_retries: int | None = None,
        watch: bool = False,
        image_provider: Any = None,
    ) -> None:
        if config is None and _is_file(provider):
            provider, config = None, provider
        options = Options(
            config=config,
            provider=provider,
            media_provider=media_provider or image_provider,
            api_key=api_key,
            base_url=base_url,
            proxy=one_proxy(proxy, proxies),
            timeout=timeout,
            max_retries=max_retries,
        )
        self._asker = Asker(options, watch=watch)
        self.chat = AsyncChat(self._asker)
        self.completions = AsyncTextCompletions(self._asker)
        self.images = self.media = AsyncImages(self._asker)
        self.audio = AsyncAudio(self._asker)
        self.embeddings = AsyncEmbeddings(self._asker)
        self.moderations = AsyncModerations(self._asker)
        self.models = KnownModels(self._asker)

    def explain(self, model: Any = "", *, provider: Any = None) -> Explanation:
        """The chain a request would walk now, and why targets are left out."""
        return self._asker.explain(model, provider)

    async def reload(self) -> bool:
        """Serve by the file as it is now; True if it changed. Raises ConfigError, and then nothing changed."""
        return await self._asker.reload()

    async def close(self) -> None:
        """Close the connections to upstreams."""
        await self._asker.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


#: The names of the client's options.
OPTIONS = tuple(inspect.signature(AsyncClient).parameters)


class AsyncChat:
    """The namespace `client.chat`."""

    def __init__(self, asker: Asker) -> None:
        self.completions = AsyncCompletions(asker)


def _is_file(provider: Any) -> bool:
    """`Client("g4f.yaml")`: no provider has such a name."""
    return isinstance(provider, PathLike) or (isinstance(provider, str) and provider.endswith((".yaml", ".yml")))

"""Client libraries that do their work inside the program that asks."""

import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from bench.candidates.candidate import CACHE, distribution_version, python_environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """`name` is that of the proxy of the same maker where there is one; `library` is its name in `inprocess.py`."""

    name: str
    title: str
    note: str
    library: str
    environment: str | None = None
    requirement: str = ""

    def set_up(self) -> str | None:
        if self.environment is not None:
            return python_environment(self.environment, self.requirement)
        return None if self.version() else "it is not installed beside g4f (make test installs it)"

    def version(self) -> str:
        if self.environment is not None:
            return distribution_version(self.environment, self.library)
        try:
            return version(self.library)
        except PackageNotFoundError:
            return ""

    def python(self) -> str:
        return str(CACHE / self.environment / "bin" / "python") if self.environment else sys.executable


LIBRARIES = (
    Library(
        name="aiohttp",
        title="aiohttp",
        note="aiohttp's client alone and json.loads: no library, no gateway, no fallback.",
        library="aiohttp",
    ),
    Library(
        name="direct",
        title="OpenAI SDK",
        note="OpenAI's own library at the mock upstream, without a gateway.",
        library="openai",
    ),
    Library(
        name="g4f",
        title="g4f",
        note="AsyncClient(config=...): keys, routing, health and fallback in the process that asks.",
        library="g4f",
    ),
    Library(
        name="litellm",
        title="LiteLLM",
        note="litellm.acompletion, without its router.",
        library="litellm",
        environment="litellm",
        requirement="litellm[proxy]",
    ),
)

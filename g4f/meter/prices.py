"""What answers cost: the prices of the file and the catalog, for tokens in and out.

Money is counted in whole billionths of a dollar, so that sums are exact. A price that nobody wrote down is unknown,
which is something else than nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from g4f.config import schema
from g4f.config.schema import Provider
from g4f.exchange.answer import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars for a million tokens; `cached` and `cache_write` are for input that a prompt cache had or took."""

    input: float
    output: float
    cached: float
    cache_write: float

    def nano_usd(self, usage: Usage) -> int:
        """What these tokens cost, in billionths of a dollar."""
        plain = max(usage.input_tokens - usage.cached_tokens - usage.cache_write_tokens, 0)
        cost = plain * self.input + usage.output_tokens * self.output
        return round((cost + usage.cached_tokens * self.cached + usage.cache_write_tokens * self.cache_write) * 1000)


class Prices:
    """The prices of the configuration that serves; `providers` says which that is."""

    def __init__(self, providers: Callable[[], Mapping[str, Provider]]) -> None:
        self._providers = providers
        self._written: Mapping[str, Provider] = {}
        self._known: dict[str, Mapping[str, Price]] = {}

    def find(self, provider: str, model: str) -> Price | None:
        """The price of a provider's own model: by its name, else by the longest pattern that matches it."""
        now = self._providers()
        if now is not self._written:
            self._written, self._known = now, {}
        written = self._known.get(provider)
        if written is None:
            written = self._known[provider] = _compiled(now.get(provider))
        exact = written.get(model)
        if exact is not None:
            return exact
        patterns = [name for name in written if name.endswith("*") and model.startswith(name[:-1])]
        return written[max(patterns, key=len)] if patterns else None


def _price(written: schema.Price) -> Price:
    return Price(
        input=written.input,
        output=written.output,
        cached=written.input if written.cached is None else written.cached,
        cache_write=written.input if written.cache_write is None else written.cache_write,
    )


def _compiled(provider: Provider | None) -> Mapping[str, Price]:
    return {} if provider is None else {model: _price(price) for model, price in provider.prices.items()}

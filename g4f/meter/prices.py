"""What answers cost: the prices of the file and the catalog, for tokens in and out.

Money is counted in whole billionths of a dollar, so that sums are exact. A price that nobody wrote down is unknown,
which is something else than nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from g4f.config.schema import Provider
from g4f.exchange.answer import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars for a million tokens."""

    input: float
    output: float

    def nano_usd(self, usage: Usage) -> int:
        """What these tokens cost, in billionths of a dollar."""
        return round((usage.input_tokens * self.input + usage.output_tokens * self.output) * 1000)


class Prices:
    """The prices of the configuration that serves; `providers` says which that is."""

    def __init__(self, providers: Callable[[], Mapping[str, Provider]]) -> None:
        self._providers = providers
        self._written: Mapping[str, Provider] = {}
        self._known: Mapping[str, Mapping[str, Price]] = {}

    def find(self, provider: str, model: str) -> Price | None:
        """The price of a provider's own model: by its name, else by the longest pattern that matches it."""
        now = self._providers()
        if now is not self._written:
            self._written, self._known = now, _compiled(now)
        written = self._known.get(provider)
        if not written:
            return None
        exact = written.get(model)
        if exact is not None:
            return exact
        patterns = [name for name in written if name.endswith("*") and model.startswith(name[:-1])]
        return written[max(patterns, key=len)] if patterns else None


def _compiled(providers: Mapping[str, Provider]) -> Mapping[str, Mapping[str, Price]]:
    return {
        name: {model: Price(input=price.input, output=price.output) for model, price in provider.prices.items()}
        for name, provider in providers.items()
        if provider.prices
    }

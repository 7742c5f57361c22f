"""Lists of providers to be tried in turn, for `provider=`.

They say in which order; what is tried, and when it is given up, is decided by the one retry loop
(`gateway/chain.py`): the next provider is asked only while nothing of an answer was given out.
"""

import itertools
import random
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from g4f.providers.base_provider import BaseProvider


class BaseRetryProvider(BaseProvider):
    """What every list of providers is."""


class IterListProvider(BaseRetryProvider):
    """Each provider once; in the order given, or by `shuffle` in a new one for each request."""

    def __init__(self, providers: Iterable[Any], shuffle: bool = True) -> None:
        self.providers = tuple(providers)
        if not self.providers:
            raise ValueError("a list of providers needs at least one")
        self.shuffle = shuffle
        self.__name__ = type(self).__name__

    def order(self, shuffle: Callable[[list[Any]], None] = random.shuffle) -> Sequence[Any]:
        """The providers as this request is to try them."""
        providers = list(self.providers)
        if self.shuffle:
            shuffle(providers)
        return providers


class RetryProvider(IterListProvider):
    """As IterListProvider; with `single_provider_retry` the first provider alone, up to `max_retries` times."""

    def __init__(
        self,
        providers: Iterable[Any],
        shuffle: bool = True,
        single_provider_retry: bool = False,
        max_retries: int = 3,
    ) -> None:
        super().__init__(providers, shuffle)
        if max_retries < 1:
            raise ValueError("max_retries must be at least 1")
        self.single_provider_retry = single_provider_retry
        self.max_retries = max_retries

    def order(self, shuffle: Callable[[list[Any]], None] = random.shuffle) -> Sequence[Any]:
        if self.single_provider_retry:
            return [self.providers[0]] * self.max_retries
        return super().order(shuffle)


class RotatedProvider(IterListProvider):
    """Each provider once; every request begins with the one after that of the request before."""

    def __init__(self, providers: Iterable[Any], shuffle: bool = True) -> None:
        super().__init__(providers, shuffle)
        if shuffle:
            shuffled = list(self.providers)
            random.shuffle(shuffled)
            self.providers = tuple(shuffled)
        self._turns = itertools.count()
        self._lock = threading.Lock()

    def order(self, shuffle: Callable[[list[Any]], None] = random.shuffle) -> Sequence[Any]:
        with self._lock:
            first = next(self._turns) % len(self.providers)
        return [*self.providers[first:], *self.providers[:first]]

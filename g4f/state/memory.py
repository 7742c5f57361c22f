"""The store that forgets everything when the process ends."""

import time
from collections.abc import Sequence

from g4f.state.types import Document


class MemoryStore:
    """Documents in a dictionary, in the order in which they were saved."""

    lasting = False

    def __init__(self) -> None:
        self._documents: dict[str, tuple[bytes, float]] = {}

    def load(self, name: str) -> bytes | None:
        found = self._documents.get(name)
        return None if found is None else found[0]

    def save(self, name: str, content: bytes) -> None:
        self._documents.pop(name, None)
        self._documents[name] = (content, time.time())

    def listed(self, prefix: str) -> Sequence[Document]:
        kept = self._documents.items()
        return [Document(name, len(content), saved) for name, (content, saved) in kept if name.startswith(prefix)]

    def remove(self, name: str) -> None:
        self._documents.pop(name, None)

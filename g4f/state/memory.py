"""The store that forgets everything when the process ends."""


class MemoryStore:
    """Documents in a dictionary."""

    lasting = False

    def __init__(self) -> None:
        self._documents: dict[str, bytes] = {}

    def load(self, name: str) -> bytes | None:
        return self._documents.get(name)

    def save(self, name: str, content: bytes) -> None:
        self._documents[name] = content

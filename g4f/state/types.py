"""The contract of a store: documents by name, each replaced as a whole."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class StateError(Exception):
    """A document cannot be read or written, or a store not opened. The message says why in words for the log."""


class Document(NamedTuple):
    """One that is kept: its bytes, and when it was saved in Unix seconds."""

    name: str
    size: int
    saved: float


class Store(Protocol):
    """Keeps documents. `lasting` says whether they outlive the process; where they do not, nobody need save any.

    The methods may block: call them in a thread.
    """

    lasting: bool

    def load(self, name: str) -> bytes | None:
        """The document as it was last saved, or None where there is none. Raises StateError."""

    def save(self, name: str, content: bytes) -> None:
        """Replace the document: whoever loads it gets the old one or the new one, never a part. Raises StateError."""

    def listed(self, prefix: str) -> Sequence[Document]:
        """The documents whose names begin with `prefix`, the oldest save first. Raises StateError."""

    def remove(self, name: str) -> None:
        """Forget a document; one that is not there is none to forget. Raises StateError."""

"""Which recordings are about a provider: those made where its row calls, and what is documented of its dialect."""

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from g4f.config.schema import Provider
from g4f.conformance.recording import Recording
from g4f.exchange.request import Dialect


def own(name: str, row: Provider, recordings: Iterable[Recording]) -> list[Recording]:
    """The recordings of a provider, and those of its dialect's documentation."""
    return [recording for recording in recordings if belongs(name, row, recording)]


def belongs(name: str, row: Provider, recording: Recording) -> bool:
    """Whether a recording is about the provider `name`: of its dialect, and from its host, or of its name where no
    host was recorded; what is in the words of an adapter, of each row that it serves."""
    if recording.adapter is not None:
        return recording.adapter == row.adapter
    if row.adapter is not None:
        return _squashed(recording.provider) == _squashed(name) and not recording.own
    if recording.dialect is not Dialect(row.dialect or Dialect.OPENAI):
        return False
    if recording.own:
        return True
    host = urlsplit(row.base_url or "").netloc
    host = "127.0.0.1" + host.removeprefix("localhost") if host.startswith("localhost") else host
    return host == recording.host if recording.host else _squashed(recording.provider) == _squashed(name)


def owner(recording: Recording, rows: Mapping[str, Provider]) -> tuple[str, Provider]:
    """The provider that a recording is about. Where none of the rows is, its dialect's bare row."""
    for name, row in rows.items():
        if (recording.adapter or not recording.own) and belongs(name, row, recording):
            return name, row
    return recording.dialect.value, bare(recording.dialect)


def bare(dialect: Dialect) -> Provider:
    """A row that says no more than which dialect is spoken."""
    path = "/v1" if dialect in (Dialect.OPENAI, Dialect.OPENAI_RESPONSES) else ""
    return Provider(dialect=dialect.value, base_url=f"http://127.0.0.1{path}")


def sources(recordings: Sequence[Recording]) -> tuple[int, int]:
    """How many are recorded, and how many documented."""
    documented = sum(recording.own for recording in recordings)
    return len(recordings) - documented, documented


def _squashed(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())

"""Who cannot listen says where: the address is the `filename` of the OSError, as a path would be of a file."""

import contextlib
from collections.abc import Iterator


@contextlib.contextmanager
def binding(where: str) -> Iterator[None]:
    """Put the address into an OSError that is raised inside."""
    try:
        yield
    except OSError as error:
        error.filename = where
        raise

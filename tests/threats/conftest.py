"""What the tests of threats share with those of the API: a server over a configuration."""

from tests.api.conftest import serve

__all__ = ["serve"]

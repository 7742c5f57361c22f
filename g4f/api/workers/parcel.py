"""A configuration on its way to a worker: the bytes of its files as the supervisor read them, and nothing read again.

So all workers serve by the very same file, and one that is replaced while the file on disk is wrong serves by the last
good one.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from g4f.config.embedded import embedded
from g4f.config.load import Loaded, load
from g4f.config.read import Unreadable
from g4f.config.settings import Settings

Json = dict[str, Any]


def packed(loaded: Loaded, generation: int) -> Json:
    """What a worker is told of a configuration. It holds secrets: it goes over the private socket only."""
    return {
        "path": str(loaded.path),
        "generation": generation,
        "files": {str(path): b64encode(content).decode() for path, content in loaded.contents.items()},
    }


def unpacked(told: Json, environ: Mapping[str, str], settings: Settings) -> Loaded:
    """The configuration that was told: that of its files, or without any the built-in one. Raises ConfigError."""
    files = {path: b64decode(content) for path, content in told["files"].items()}
    if not files:
        return embedded(environ, demo=settings.demo)

    def read(path: Path, *, limit: int) -> bytes:
        content = files.get(str(path))
        if content is None or len(content) > limit:
            raise Unreadable("was not handed over")
        return content

    return load(Path(told["path"]), environ=environ, settings=settings, read=read)


def packed_settings(settings: Settings) -> Json:
    """What was set by the command line and the environment, in words that JSON has."""
    return {name: _plain(getattr(settings, name)) for name in settings.model_fields_set}


def unpacked_settings(told: Json) -> Settings:
    return Settings(**told)


def _plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value) if isinstance(value, Path) else value

"""What the environment sets: the `G4F_*` variables, and the variables that a configuration refers to.

The only place that reads the environment. No `.env` file is read: what runs is what the caller sees.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, field_validator

from g4f.config.addresses import address, proxy_url
from g4f.config.digests import is_digest
from g4f.config.fields import MOST_WORKERS
from g4f.config.problem import Report
from g4f.config.units import seconds
from g4f.errors import ConfigError

_PREFIX: Final = "G4F_"


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _seconds(value: Any) -> Any:
    """A duration, or a number of seconds: a command line is no file, and `--timeout 300` is what people write."""
    return seconds(value if value[-1:].isalpha() else f"{value}s") if isinstance(value, str) else value


def _names(value: Any) -> Any:
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


Seconds = Annotated[float, BeforeValidator(_seconds)]


class Settings(BaseModel):
    """What `G4F_CONFIG`, `G4F_API_KEY`, `G4F_PROXY`, ... say, as text or as the values themselves."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    #: The configuration file.
    config: Path | None = None
    #: A key that callers present, or its `sha256:` digest, beside those of the file.
    api_key: SecretStr | None = None
    #: The proxy for every provider that names none.
    proxy: SecretStr | None = None
    #: The provider and the model of requests that name none.
    provider: str | None = None
    model: str | None = None
    #: Seconds: for a whole request, and between two pieces of a stream.
    timeout: Seconds | None = None
    stream_timeout: Seconds | None = None
    #: Providers that are never used, beside those of the file; with commas or spaces between them.
    ignored_providers: Annotated[tuple[str, ...], BeforeValidator(_names)] = ()
    #: Whether the built-in Demo answers for models that nobody else serves.
    demo: bool | None = None
    #: Whether the chat page is served, whatever the file says.
    gui: bool = False
    #: Where the user's own sessions are kept.
    cookies_dir: Path | None = None
    debug: bool = False
    #: Serve by a file that everybody may write, as where the file system knows no owners.
    allow_writable_config: bool = False
    #: host:port in place of the file's `server.listen`, and how many processes share it.
    listen: str | None = None
    workers: Annotated[int, Field(ge=1, le=MOST_WORKERS)] | None = None
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] | None = None
    log_format: Annotated[Literal["auto", "json", "console"], BeforeValidator(_lower)] | None = None

    @field_validator("listen")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None:
            address(value)
        return value

    @field_validator("proxy")
    @classmethod
    def _is_a_proxy(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            proxy_url(value.get_secret_value())
        return value

    @field_validator("api_key")
    @classmethod
    def _is_not_blank(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().strip():
            raise ValueError("the key is blank")
        if value is not None:
            is_digest(value.get_secret_value())
        return value


def from_environment(**flags: Any) -> Settings:
    """The settings of this process, under the `flags` given on its command line; None is one that was not given.

    An empty variable counts as not set. Raises ConfigError that names every setting that is wrong, never its value.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    variables = {name: environment().get(f"{_PREFIX}{name.upper()}") for name in Settings.model_fields}
    try:
        return Settings(**{name: value for name, value in variables.items() if value} | given)
    except ValidationError as error:
        details = error.errors(include_input=False, include_url=False, include_context=False)
        report = Report("settings")
        for detail in details:
            name = str(detail["loc"][0])
            label = f"--{name.replace('_', '-')}" if name in given else f"{_PREFIX}{name.upper()}"
            report.problem(None, label, detail["msg"].removeprefix("Value error, "))
        raise ConfigError(report.in_order()) from None


def environment() -> Mapping[str, str]:
    """The variables of this process, read-only."""
    return MappingProxyType(os.environ)  # noqa: TID251

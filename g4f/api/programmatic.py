"""The server started from a Python program: `run_api`, `AppConfig` and `create_app`."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from g4f.config.refusals import did_you_mean
from g4f.config.settings import Settings, environment, from_environment

if TYPE_CHECKING:
    from aiohttp import web

#: What `set_config` takes, and the setting that it stands for.
_FIELDS: Mapping[str, str] = {
    **{name: name for name in Settings.model_fields},
    "g4f_api_key": "api_key",
}
#: Of programs written for g4f; they change nothing here: cookie files are read when they are needed.
_WITHOUT_EFFECT = frozenset({"ignore_cookie_files"})


class AppConfig:
    """What the server of this program is told over its environment and its file. Set it before the server starts."""

    _said: dict[str, Any] = {}  # noqa: RUF012 - one for the process, as its users expect

    @classmethod
    def set_config(cls, **fields: Any) -> None:
        """Set `g4f_api_key`, `provider`, `model`, `proxy`, `timeout` (seconds), `ignored_providers`, `gui`, `demo`,
        `config` (a g4f.yaml), `listen`, ... None takes one back. Raises TypeError for a name that there is none of."""
        for name, value in fields.items():
            if name in _WITHOUT_EFFECT:
                continue
            setting = _FIELDS.get(name)
            if setting is None:
                raise TypeError(f"AppConfig has no {name!r}{did_you_mean(name, _FIELDS)}")
            cls._said[setting] = value

    @classmethod
    def settings(cls, **more: Any) -> Settings:
        """What is set, over the environment. Raises ConfigError."""
        given = {name: value for name, value in more.items() if value is not None}
        return from_environment(**cls._said | given)


def run_api(
    host: str = "127.0.0.1",
    port: int | None = None,
    bind: str | None = None,
    debug: bool = False,
    use_colors: bool | None = None,
    **fields: Any,
) -> None:
    """Serve until told to stop, on `bind` ("host:port") or on `host` and `port` (1337); `fields` as for `set_config`.

    `use_colors` chooses between lines for people and JSON. Raises ConfigError, also for an address that others can
    reach while there is no key, and OSError where the address is taken.
    """
    from g4f.api.start import start

    AppConfig.set_config(**fields)
    settings = AppConfig.settings(
        listen=bind or listen_address(host, port),
        debug=debug or None,
        log_format=None if use_colors is None else ("console" if use_colors else "json"),
    )
    start(file_or_none(settings), environ=environment(), settings=settings)


async def create_app() -> "web.Application":
    """The application, for a server such as gunicorn with aiohttp's worker. Raises ConfigError."""
    from g4f.api.hosted import build_hosted

    settings = AppConfig.settings()
    return build_hosted(file_or_none(settings), environ=environment(), settings=settings)


def listen_address(host: str | None, port: int | None) -> str:
    """`host:port`, with an IPv6 address in brackets."""
    host, port = host or "127.0.0.1", 1337 if port is None else port
    return f"[{host}]:{port}" if ":" in host and not host.startswith("[") else f"{host}:{port}"


def file_or_none(settings: Settings) -> Path | None:
    """The file that is named, else ./g4f.yaml where there is one."""
    here = Path("g4f.yaml")
    return settings.config or (here if here.exists() else None)

"""What a program says when it makes a client, as rows over the file's: checked as a file is, and refused as one."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from os import PathLike
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from pydantic import ValidationError

from g4f.config.problem import Report
from g4f.config.refusals import did_you_mean
from g4f.config.schema import Config, Defaults, Provider
from g4f.errors import ConfigError

#: A file, or what would stand in one.
ConfigSource = str | PathLike[str] | Mapping[str, Any]
#: What stands for the file's name where there is none.
PROGRAM: Final = "Client"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The arguments of a client. `api_key` belongs to `provider` (or to what `base_url` leads to) and goes to nobody
    else; a mapping gives each named provider its own. `timeout` is in seconds for a whole request."""

    config: ConfigSource | None = None
    provider: Any = None
    media_provider: Any = None
    api_key: str | Mapping[str, str] | None = field(default=None, repr=False)
    base_url: str | None = None
    proxy: str | None = field(default=None, repr=False)
    timeout: float | None = None
    max_retries: int | None = None
    ignored: frozenset[str] = frozenset()

    def changed(self, **given: Any) -> "Options":
        """These options with what is given in place of what was said before. A new provider or address has no claim
        to the key of the old one."""
        said = {name: value for name, value in given.items() if value is not None}
        if said.keys() & {"provider", "base_url"} and "api_key" not in said and isinstance(self.api_key, str):
            said["api_key"] = None
        return replace(self, **said)


def one_proxy(proxy: str | None, proxies: str | Mapping[str, str] | None) -> str | None:
    """The proxy of `proxy=` or of `proxies=`, which may be a mapping by scheme as `requests` has it."""
    if proxy is not None or proxies is None:
        return proxy
    if isinstance(proxies, str):
        return proxies
    return next((proxies[scheme] for scheme in ("all", "https", "http") if proxies.get(scheme)), None)


def rows(options: Options, name: str | None) -> dict[str, Provider]:
    """The providers that the options change, by name. `name` is the one that `provider=` names. Raises ConfigError."""
    found: dict[str, dict[str, Any]] = {}
    if not isinstance(options.api_key, str | Mapping | None):
        raise _refused("api_key", "must be a string, or a mapping of providers to strings")
    if isinstance(options.api_key, Mapping):
        found = {owner: {"keys": [{"name": "given", "key": key}]} for owner, key in options.api_key.items()}
    elif options.api_key is not None and name is not None:
        found[name] = {"keys": [{"name": "given", "key": options.api_key}]}
    if options.base_url is not None and name is not None:
        found.setdefault(name, {})["base_url"] = options.base_url
    return {owner: checked_row(owner, fields) for owner, fields in found.items()}


def defaults(options: Options, config: Config) -> Defaults:
    """The file's defaults with the proxy and the time limit of the options. Raises ConfigError."""
    base, changes = config.defaults, dict[str, Any]()
    if options.proxy is not None:
        proxy = changes["proxy"] = _checked("proxy", Defaults, {"proxy": options.proxy}).proxy
        if proxy and "://" not in proxy and proxy not in ("none", *config.proxies):
            raise _refused(
                "proxy", f"must be a URL, or a name of the file's proxies{did_you_mean(proxy, config.proxies)}"
            )
    if options.timeout is not None:
        if type(options.timeout) not in (int, float) or not 0 < options.timeout < math.inf:
            raise _refused("timeout", "must be a number of seconds above 0")
        seconds = float(options.timeout)
        changes["timeouts"] = base.timeouts.model_copy(
            update={"total": seconds, "answer": seconds, "first_token": seconds}
        )
    if options.max_retries is not None:
        changes["retries"] = _checked("max_retries", Defaults, {"retries": options.max_retries}).retries
    return base.model_copy(update=changes)


def as_text(config: Mapping[str, Any]) -> bytes:
    """A configuration that the program has as a mapping, as the text of a file. Raises ConfigError."""
    try:
        return orjson.dumps(config, option=orjson.OPT_INDENT_2)
    except TypeError as error:
        raise _refused("config", f"must hold what YAML can: {error}") from None


def name_for(base_url: str) -> str:
    """What a provider is called of which only the address is known: its host and port."""
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname, parts.port
    except (ValueError, AttributeError):  # AttributeError: it is no text at all
        host, port = None, None
    if not host:
        raise _refused("base_url", "must be a URL such as http://127.0.0.1:8000/v1")
    kept = "".join(c if c.isascii() and (c.isalnum() or c in ".-") else "-" for c in host)
    return f"{kept}-{port}"[:64] if port else kept[:64]


def checked_row(name: str, fields: Mapping[str, Any]) -> Provider:
    """A provider as the file would have it. Raises ConfigError."""
    made: Provider = _checked(f"provider {name}", Provider, {**fields, "keys": tuple(fields.get("keys", ()))})
    return made


def _checked(about: str, section: Any, fields: Mapping[str, Any]) -> Any:
    try:
        return section.model_validate({key: value for key, value in fields.items() if value != ()})
    except ValidationError as error:
        details = error.errors(include_input=False, include_url=False, include_context=False)
        report = Report(PROGRAM)
        for detail in details:
            where = ".".join(str(part) for part in detail["loc"])
            report.problem(None, f"{about}: {where}", detail["msg"].removeprefix("Value error, "))
        raise ConfigError(report.in_order()) from None


def _refused(argument: str, message: str) -> ConfigError:
    report = Report(PROGRAM)
    report.problem(None, argument, message)
    return ConfigError(report.in_order())

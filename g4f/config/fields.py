"""The types of single values in g4f.yaml: names, keys, URLs, numbers, durations and sizes.

Each turns what was written into what the program uses, or refuses it in words that are shown to the user as
they are and never contain the value.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from typing import Annotated, Any, Final, Literal, TypeVar, get_args

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, SecretStr, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from g4f.config import addresses, digests, names, units
from g4f.config.tree import Substituted

#: The `type` of every refusal made here: its message is shown as it is.
REFUSED: Final = "g4f"

#: Processes that may share one port.
MOST_WORKERS: Final = 64

VARIABLE_PATTERN: Final = r"\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}"

_HEADER: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){1,8}")
#: RFC 6454, 6.2: what a browser sends, so that it can be compared as it is.
_ORIGIN: Final = re.compile(r"https?://(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?")
_ENV_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
#: Bytes of a Unix socket's path, with its end (unix(7)).
LONGEST_SOCKET: Final = 107
#: Headers that frame the message (RFC 9110, 7.6.1 and 8.6; RFC 9112, 3.2); a fixed value breaks requests.
_FRAMING: Final = frozenset({"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer"})

_T = TypeVar("_T")


def refused(message: str) -> PydanticCustomError:
    """An error whose message reaches the user unchanged."""
    return PydanticCustomError(REFUSED, message.replace("{", "(").replace("}", ")"))


def _worded(read: Callable[[str], _T], value: str) -> _T:
    """Run a reader whose ValueError is worded for the user."""
    try:
        return read(value)
    except ValueError as wrong:
        raise refused(str(wrong)) from None


def _whole(value: Any) -> Any:
    if isinstance(value, Substituted) and re.fullmatch(r"-?[0-9]{1,18}", value):
        return int(value)
    return value


def _number(value: Any) -> Any:
    if isinstance(value, Substituted) and re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value):
        return float(value)
    return value


def _flag(value: Any) -> Any:
    if isinstance(value, Substituted) and value in ("true", "false"):
        return value == "true"
    return value


def _seconds(value: Any, info: ValidationInfo) -> Any:
    # A float is what this field holds: programs may build the models from it. In a file it is a bare number.
    if isinstance(value, float) and value > 0 and info.context is None:
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise refused("has no unit: write a unit, such as 30s")
    if not isinstance(value, str):
        raise refused("not a duration: write a number and a unit, such as 30s")
    return _worded(units.seconds, value)


def _hedge_after(value: Any, info: ValidationInfo) -> Any:
    return value if value == "p95" else _seconds(value, info)


def _delay(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, str):
        return _worded(lambda text: units.seconds(text, zero=True), value)
    return value if value == 0.0 and isinstance(value, float) and info.context is None else _seconds(value, info)


def _period(value: Any, info: ValidationInfo) -> Any:
    if value is None or value is False or value in ("none", "off"):
        return None
    return _seconds(value, info)


def _size(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0 and info.context is None:
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise refused("has no unit: write a unit, such as 32MiB")
    if not isinstance(value, str):
        raise refused("not a size: write a whole number and a unit, such as 32MiB")
    return _worded(units.size, value)


def _name(value: str) -> str:
    if not names.is_name(value):
        raise refused("a name has 1 to 64 letters, digits, dots, dashes or underscores")
    return value


def _model(value: str) -> str:
    if not names.is_model_name(value):
        allowed = "letters, digits, inner spaces or ._:@/+-(), and a star only at its end"
        raise refused(f"a model's name has 1 to 200 {allowed}")
    return value


def _own_model(value: str) -> str:
    if not names.is_own_name(value):
        raise refused("a provider's model has 1 to 200 letters, digits or . _ : @ / + -, and a star only at its end")
    return value


def _no_star(value: str) -> str:
    if not names.is_exact_name(_model(value)):
        raise refused("a star is for a model's own name; an alias is one exact name")
    return value


def _env_name(value: str) -> str:
    if not _ENV_NAME.fullmatch(value):
        raise refused("the name of an environment variable has letters, digits and underscores")
    return value


def _key(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not text.strip():
        raise refused("the key is empty")
    if text != text.strip():
        raise refused("the key begins or ends with white space")
    # RFC 9110, 5.5: what a header value may hold, less the obsolete bytes.
    if not all(" " <= character <= "~" for character in text):
        raise refused("the key has a line break or another character that cannot go into a header")
    return value


def _inbound_key(value: SecretStr) -> SecretStr:
    _worded(digests.is_digest, value.get_secret_value())
    return value


def _moment(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, float) and info.context is None:
        return value
    if not isinstance(value, str):
        raise refused('not a date: write "2026-12-31", in quotes')
    return _worded(units.moment, value)


def _header_value(value: SecretStr) -> SecretStr:
    if not all(" " <= character <= "~" for character in value.get_secret_value()):
        raise refused("a header's value has printable ASCII characters only")
    return value


def _header_name(value: str) -> str:
    if not _HEADER.fullmatch(value):
        raise refused("this is not the name of an HTTP header")
    if value.lower() in _FRAMING:
        raise refused("this header is set by the program for every request; remove it")
    return value


def _base_url(value: str) -> str:
    return _worded(addresses.base_url, value)


def _endpoint(value: str) -> str:
    if not value.lower().startswith(("http://", "https://")):
        raise refused("begins with http:// or https://, such as http://127.0.0.1:4318/v1/traces")
    if "@" in _worded(addresses.split, value).netloc:
        raise refused("no user or password in a URL: write them as a header")
    return value


def _proxy(value: str) -> str:
    return _worded(addresses.proxy_url, value) if "://" in value else _name(value)


def _proxy_secret(value: SecretStr) -> SecretStr:
    _worded(addresses.proxy_url, value.get_secret_value())
    return value


def _listen(value: str) -> str:
    _worded(addresses.address, value)
    return value


def _admin_listen(value: str) -> str:
    socket = value.removeprefix("unix:")
    if socket != value:
        if not socket.startswith("/") or "\0" in socket or len(socket.encode()) > LONGEST_SOCKET:
            raise refused(f"a socket is an absolute path of at most {LONGEST_SOCKET} bytes: unix:/run/g4fd/admin.sock")
        return value
    host, _ = _worded(addresses.address, value)
    if not addresses.is_loopback(host):
        raise refused("whoever reaches it needs no key, so it has to be a loopback address, such as 127.0.0.1:1338")
    return value


def _usage_file(value: str) -> str:
    if not value.strip() or value.startswith("~") or "\0" in value:
        raise refused("write the path out, such as /var/lib/g4f/usage.sqlite3, or `memory`")
    return value


def _domain(value: str) -> str:
    if "." not in value or not _DOMAIN.fullmatch(value):
        raise refused("not a domain: write example.com")
    return value.lower()


def _origin(value: str) -> str:
    if value != "*" and not _ORIGIN.fullmatch(value):
        raise refused("not an origin: write scheme, host and port as a browser does, such as https://chat.example.com")
    return value


def _state(value: str) -> str:
    directory = value.removeprefix("file:")
    if value == "memory":
        return value
    if directory == value or not directory.strip():
        raise refused("not a place for the state: write memory, or file: and a directory, such as file:/var/lib/g4f")
    if directory.startswith("~") or "\0" in directory or (directory[:2] == "//" and directory[:3] != "///"):
        raise refused("write the directory out: file:/var/lib/g4f, or relative to this file: file:state")
    return value


def _directory(value: str) -> str:
    if not value.strip() or value.startswith("~") or "\0" in value:
        raise refused("write the directory out: /var/lib/g4f/media, or relative to this file: media")
    return value


class Kind(Enum):
    """What a value is, where its Python type does not say it."""

    PLAIN = auto()
    DURATION = auto()
    SIZE = auto()
    PROXY = auto()

    @classmethod
    def of(cls, annotation: Any, metadata: Sequence[Any] = ()) -> "Kind":
        """The kind of a field, by the reader in its annotation."""
        for item in metadata:
            kind = _KINDS.get(getattr(item, "func", None))
            if kind is not None:
                return kind
        for inner in (*getattr(annotation, "__metadata__", ()), *get_args(annotation)):
            kind = _KINDS.get(getattr(inner, "func", None)) or cls.of(inner)
            if kind is not cls.PLAIN:
                return kind
        return cls.PLAIN


_KINDS: Final[Mapping[Any, Kind]] = {
    _seconds: Kind.DURATION,
    _hedge_after: Kind.DURATION,
    _delay: Kind.DURATION,
    _period: Kind.DURATION,
    _size: Kind.SIZE,
    _proxy: Kind.PROXY,
    _proxy_secret: Kind.PROXY,
}


def _text_schema(**schema: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", **schema})


_variable: Final = rf"|^{VARIABLE_PATTERN}$"

Flag = Annotated[bool, BeforeValidator(_flag)]
Duration = Annotated[
    float,
    BeforeValidator(_seconds),
    _text_schema(pattern=units.DURATION_PATTERN + _variable, examples=["300ms", "30s", "1h30m"]),
]
HedgeAfter = Annotated[
    float | Literal["p95"],
    PlainValidator(_hedge_after),
    _text_schema(pattern=units.DURATION_PATTERN + _variable + "|^p95$", examples=["2s", "p95"]),
]
#: A duration that may be nothing (`0s`).
Delay = Annotated[
    float,
    BeforeValidator(_delay),
    _text_schema(pattern=units.DURATION_PATTERN + _variable, examples=["0s", "5s"]),
]
#: How often something is done; None for `none`, "off" and `false` (what people write who were told to quote `off`).
Period = Annotated[
    float | None,
    BeforeValidator(_period),
    WithJsonSchema(
        {
            "type": ["string", "boolean"],
            "pattern": f"{units.DURATION_PATTERN}|^(none|off)$" + _variable,
            "examples": ["15s", "none"],
        }
    ),
]
Size = Annotated[
    int,
    BeforeValidator(_size),
    _text_schema(pattern=units.SIZE_PATTERN + _variable, examples=["64KiB", "32MiB"]),
]
Name = Annotated[str, AfterValidator(_name), _text_schema(pattern=names.NAME_PATTERN)]
ModelName = Annotated[str, AfterValidator(_model), _text_schema(pattern=names.MODEL_PATTERN)]
OwnName = Annotated[str, AfterValidator(_own_model), _text_schema(pattern=names.OWN_PATTERN)]
ExactName = Annotated[str, AfterValidator(_no_star), _text_schema(pattern=names.EXACT_PATTERN)]
EnvName = Annotated[str, AfterValidator(_env_name), _text_schema(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Key = Annotated[SecretStr, AfterValidator(_key), _text_schema(minLength=1)]
InboundKey = Annotated[Key, AfterValidator(_inbound_key), _text_schema(minLength=1)]
#: Unix time in seconds.
Moment = Annotated[
    float,
    BeforeValidator(_moment),
    _text_schema(pattern=units.MOMENT_PATTERN + _variable, examples=["2026-12-31", "2026-12-31T18:00:00Z"]),
]
HeaderName = Annotated[str, AfterValidator(_header_name)]
HeaderValue = Annotated[SecretStr, AfterValidator(_header_value), _text_schema()]
BaseUrl = Annotated[
    str,
    AfterValidator(_base_url),
    _text_schema(pattern=rf"^https?://[^\s@?#\\]+$|{VARIABLE_PATTERN}"),
]
Endpoint = Annotated[str, AfterValidator(_endpoint), _text_schema(pattern=rf"^https?://|{VARIABLE_PATTERN}")]
Proxy = Annotated[str, AfterValidator(_proxy), _text_schema(minLength=1)]
ProxyUrl = Annotated[
    SecretStr,
    AfterValidator(_proxy_secret),
    _text_schema(pattern=rf"^(https?|socks4|socks5h?)://|{VARIABLE_PATTERN}"),
]
Listen = Annotated[str, AfterValidator(_listen), _text_schema(pattern=rf":[0-9]{{1,5}}$|{VARIABLE_PATTERN}")]
UsageFile = Annotated[str, AfterValidator(_usage_file), _text_schema(minLength=1, examples=["memory", "usage.sqlite3"])]
AdminListen = Annotated[
    str,
    AfterValidator(_admin_listen),
    _text_schema(pattern=rf"^unix:/|:[0-9]{{1,5}}$|{VARIABLE_PATTERN}", examples=["127.0.0.1:1338"]),
]
Domain = Annotated[str, AfterValidator(_domain), _text_schema(pattern=r"^[A-Za-z0-9._-]+$")]
Origin = Annotated[str, AfterValidator(_origin), _text_schema(pattern=rf"^(\*|https?://[^/A-Z]+)$|{VARIABLE_PATTERN}")]
State = Annotated[
    str, AfterValidator(_state), _text_schema(pattern=rf"^(memory|file:.+)$|{VARIABLE_PATTERN}", examples=["memory"])
]
Directory = Annotated[str, AfterValidator(_directory), _text_schema(minLength=1, examples=["/var/lib/g4f/media"])]
Weight = Annotated[int, Field(ge=1, le=10_000), BeforeValidator(_whole)]
Percent = Annotated[int, Field(ge=1, le=100), BeforeValidator(_whole)]
Usd = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False), BeforeValidator(_number)]
Tokens = Annotated[int, Field(ge=0, le=10**15), BeforeValidator(_whole)]
Retries = Annotated[int, Field(ge=0, le=10), BeforeValidator(_whole)]
PerMinute = Annotated[int, Field(ge=1, le=1_000_000), BeforeValidator(_whole)]
TokensPerMinute = Annotated[int, Field(ge=1, le=1_000_000_000), BeforeValidator(_whole)]
TokenCount = Annotated[int, Field(ge=1, le=1_000_000_000), BeforeValidator(_whole)]
AtOnce = Annotated[int, Field(ge=1, le=1_000_000), BeforeValidator(_whole)]
Workers = Annotated[int, Field(ge=1, le=MOST_WORKERS), BeforeValidator(_whole)]

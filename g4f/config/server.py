"""What the file says of the server: where it listens, who may ask, and how much."""

from typing import Literal, Self

from pydantic import Field, model_validator

from g4f.config import addresses, fields
from g4f.config.fields import refused
from g4f.config.section import Section


class Budget(Section):
    """What a key may use in a window of the calendar, in UTC."""

    usd: fields.Usd | None = Field(None, description="US dollars, by the prices of what it uses.")
    tokens: fields.Tokens | None = Field(None, description="Tokens, in and out.")
    per: Literal["hour", "day", "week", "month", "ever"] = Field(
        "month", description="How long it is for; a week begins on Monday."
    )

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.usd is None and self.tokens is None:
            raise refused("limits nothing: write usd or tokens")
        return self


class InboundKey(Section):
    """A key that callers present."""

    name: fields.Name = Field(description="The name that appears in logs; the key itself never does.")
    key: fields.InboundKey = Field(
        description="The key, usually a variable: ${G4F_API_KEY}; or its SHA-256 as sha256: and 64 hexadecimal digits."
    )
    file: str | None = Field(None, description="A file that holds the key, in place of `key`.")
    expires: fields.Moment | None = Field(
        None, description="When it stops being accepted: a date, through its end in UTC, or a time with its zone."
    )
    models: tuple[fields.ModelName, ...] = Field(
        ("*",),
        min_length=1,
        description="The models this key may ask for; a trailing star matches any ending.",
    )
    rpm: fields.PerMinute | None = Field(None, description="Requests per minute; without it there is no limit.")
    tpm: fields.TokensPerMinute | None = Field(
        None, description="Tokens per minute, in and out; without it there is no limit."
    )
    concurrency: fields.AtOnce | None = Field(
        None, description="Requests that may be open at the same time; without it there is no limit."
    )
    budget: Budget | None = Field(None, description="What it may use in an hour, a day, a week, a month, or ever.")
    metrics: fields.Flag = Field(False, description="Whether it may read /metrics.")
    admin: fields.Flag = Field(False, description="Whether it may use /admin/ and read /metrics.")


class Admin(Section):
    """Where the operator's endpoints are, /metrics among them."""

    listen: fields.AdminListen | None = Field(
        None,
        description="A listener of its own: a loopback host:port, or unix: and the path of a socket. "
        "Whoever reaches it needs no key.",
    )


class Cors(Section):
    """Which web pages may use the server from a browser."""

    origins: tuple[fields.Origin, ...] = Field(
        (), description='Their origins, such as https://chat.example.com; "*" for all, which needs `server.keys`.'
    )
    max_age: fields.Duration = Field(600.0, description="How long a browser may remember what it was allowed.")


class Server(Section):
    """The endpoint that clients talk to."""

    listen: fields.Listen = Field(
        "127.0.0.1:1337",
        description="host:port to listen on. A public address without keys refuses to start.",
    )
    workers: fields.Workers = Field(1, description="Processes that share the port; about one for each processor core.")
    keys: tuple[InboundKey, ...] = Field((), description="The keys that callers present; without any, everybody may.")
    reload: Literal["auto", "manual"] = Field(
        "auto",
        description="Whether a changed file takes effect by itself, or only when that is asked for.",
    )
    max_body: fields.Size = Field(32 << 20, description="The largest request body.")
    max_objects: fields.AtOnce = Field(
        20_000,
        description="Lists and objects that the JSON of a request may hold, or for each MiB of a larger one; "
        "more is a 400.",
    )
    header_timeout: fields.Duration = Field(
        10.0, description="How long a client may take to send the head of a request, or to begin its first one."
    )
    body_timeout: fields.Duration = Field(30.0, description="How long a client may take to send its whole body.")
    write_timeout: fields.Duration = Field(
        60.0, description="How long a client may leave what was written to it unread before it is cut."
    )
    allow_request_proxy: fields.Flag = Field(
        False,
        description="Whether a request may bring the URL of a proxy along; naming one of `proxies` it always may.",
    )
    cors: Cors = Field(Cors.unwritten(), description="Which web pages may use the server; none unless said.")
    web: fields.Flag = Field(False, description="Whether a page to chat on is served at /chat/.")
    cookie_domains: tuple[fields.Domain, ...] = Field(
        (), description="Domains whose cookies may be uploaded, beside those of the providers."
    )
    keepalive: fields.Period = Field(
        15.0,
        description="How long a stream may be silent before a comment is sent; `none` to wait for the true status.",
    )
    shutdown_delay: fields.Delay = Field(
        0.0, description="How long requests are still accepted after a stop was asked for and readiness fails."
    )
    drain_timeout: fields.Duration = Field(
        30.0, description="How long running answers may go on after a stop was asked for."
    )

    @property
    def address(self) -> tuple[str, int]:
        """(host, port) of `listen`."""
        return addresses.address(self.listen)


class Limits(Section):
    """What one process takes on before it refuses more, for all callers together."""

    inflight: fields.AtOnce = Field(1000, description="Requests that may be open at the same time; more get a 503.")
    wrong_keys: fields.PerMinute | None = Field(
        None,
        description="Wrong keys that one address may try in a minute before it gets a 429, whatever it sends. "
        "Not behind a proxy, where all have its address.",
    )
    connections: fields.AtOnce = Field(
        4096, description="Client connections that may be open at the same time; more get a 503."
    )
    loop_lag: fields.Duration = Field(
        0.5, description="How late the process may be at its own timer before it refuses new requests with a 503."
    )

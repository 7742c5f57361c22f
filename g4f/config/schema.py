"""What g4f.yaml may say, after variables, short forms and files of keys were put in.

A null counts as not written, except where a value is required. These models are what was written, not what it
means: inheritance (catalog, defaults) is resolved by `g4f/router/table.py`. `extra="forbid"` everywhere: a
misspelt key must never be ignored. Every field has a description, because it becomes the help of an editor.
"""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from g4f.config import condition, fields
from g4f.config.capabilities import Capabilities
from g4f.config.fields import refused
from g4f.config.operations import Operations
from g4f.config.section import Section
from g4f.config.server import Admin, Limits, Server

_KIB: Final = 1024
_MIB: Final = 1024 * _KIB


class Timeouts(Section):
    """How long to wait. All in seconds once loaded; None inherits from the level above."""

    connect: fields.Duration | None = Field(None, description="To open a connection, TLS included. Default 5s.")
    first_token: fields.Duration | None = Field(
        None, description="From the request to the first content of a streamed answer. Default 30s."
    )
    answer: fields.Duration | None = Field(
        None, description="For a whole answer that is not streamed. Default ten times first_token."
    )
    idle: fields.Duration | None = Field(None, description="Between two events of a stream. Default 60s.")
    total: fields.Duration | None = Field(
        None, description="For a request over all attempts, from its arrival to its last byte. Default 10m."
    )


#: The built-in defaults in seconds; `answer` follows from `first_token`.
BUILT_IN: Final = Timeouts.model_construct(connect=5.0, first_token=30.0, idle=60.0, total=600.0)


#: Failures of the request itself that may fall back where the file says so.
FallbackOn = tuple[Literal["context_length", "content_filter"], ...]


class Defaults(Section):
    """What holds for every provider and model that says nothing else."""

    timeouts: Timeouts = Field(BUILT_IN, description="How long to wait.")
    retries: fields.Retries = Field(1, description="Retries on the same target before the next one is tried.")
    proxy: fields.Proxy | None = Field(None, repr=False, description="A name from `proxies`, a proxy's URL, or `none`.")
    provider: fields.Name | None = Field(None, description="The only provider of requests that pick none.")
    model: fields.ExactName | None = Field(None, description="The model of chats that name none.")
    fallback_on: FallbackOn = Field(
        (), description="Refusals of the request itself after which the next target is tried all the same."
    )

    @field_validator("timeouts")
    @classmethod
    def _over_the_built_in(cls, written: Timeouts) -> Timeouts:
        said = written.model_dump(exclude_none=True)
        return written.model_copy(update={**BUILT_IN.model_dump(exclude_none=True), **said})


class Media(Section):
    """Where images are kept that clients get as links, and who may ask for them."""

    dir: fields.Directory | None = Field(
        None, description="A directory, relative to this file's. Without it a private one, gone with the process."
    )
    max_size: fields.Size = Field(1024 * _MIB, description="Bytes of all files; the oldest go first.")
    max_age: fields.Duration = Field(86400.0, description="How long a file is kept.")
    public: fields.Flag = Field(
        False, description="Whether files are given out without a key: their names cannot be guessed, but links travel."
    )
    url: fields.BaseUrl | None = Field(
        None, description="What clients reach this server as, for the links; without it, what their request calls it."
    )


class ProviderKey(Section):
    """A key for a provider."""

    name: fields.Name = Field(description="The name that appears in logs; the key itself never does.")
    key: fields.Key = Field(description="The key, usually a variable: ${OPENAI_API_KEY}.")
    file: str | None = Field(None, description="A file that holds the key, in place of `key`.")
    weight: fields.Weight = Field(1, description="Its share of the requests, relative to the other keys.")


class Price(Section):
    """What a model costs, in US dollars for a million tokens."""

    input: fields.Usd = Field(description="US dollars for a million input tokens.")
    output: fields.Usd = Field(description="US dollars for a million output tokens.")
    cached: fields.Usd | None = Field(None, description="The same for input read from a prompt cache; else `input`.")
    cache_write: fields.Usd | None = Field(
        None, description="The same for input written to a prompt cache; else `input`."
    )


class Provider(Section):
    """An upstream. Of one that is in the catalog only what differs is written."""

    dialect: Literal["openai", "openai-responses", "anthropic", "ollama", "gemini", "cohere"] | None = Field(
        None, description="The wire format it speaks."
    )
    adapter: fields.Name | None = Field(
        None, description="The program that speaks to it, if no dialect: a built-in one, or an installed provider's."
    )
    api_version: fields.Name | None = Field(
        None, description="The version of its API, where requests have to name one: `adapter: azure`."
    )
    base_url: fields.BaseUrl | None = Field(
        None,
        description="What the dialect's official SDK takes: for openai it ends with /v1, for anthropic and ollama it "
        "is the root.",
    )
    keys: tuple[ProviderKey, ...] = Field((), description="Its keys: named, balanced by weight.")
    key_env: fields.EnvName | None = Field(
        None, description="The environment variable that holds the key when `keys` is not given."
    )
    proxy: fields.Proxy | None = Field(None, repr=False, description="A name from `proxies`, a proxy's URL, or `none`.")
    timeouts: Timeouts = Field(
        Timeouts.unwritten(), description="How long to wait, where it differs from the defaults."
    )
    retries: fields.Retries | None = Field(None, description="Retries on the same target before the next one.")
    headers: dict[fields.HeaderName, fields.HeaderValue] = Field({}, description="Headers added to every request.")
    models: dict[fields.ExactName, fields.ExactName] = Field(
        {}, description="Public model names, and the provider's own names for them."
    )
    prices: dict[fields.ModelName, Price] = Field(
        {}, description="What its own models cost, by name; a trailing star matches any ending."
    )
    stream_usage: fields.Flag = Field(
        True, description="Whether it is asked to count the tokens of streams (stream_options.include_usage)."
    )
    trace_context: fields.Flag = Field(
        False, description="Whether it is told the trace that a request belongs to (traceparent, tracestate)."
    )
    keyless: fields.Flag = Field(False, description="Whether it can be used without a key.")
    capabilities: Capabilities = Field(
        frozenset(), description="What it can do, such as stream, tools, vision; empty: not known, nothing is skipped."
    )
    operations: Operations | None = Field(
        None, description="What it can be asked for; without it, all that its dialect has words for."
    )
    tools: Literal["native", "emulated"] = Field(
        "native", description="`emulated` tells models that know no tools about them in words, and reads their calls."
    )
    structured: Literal["native", "emulated"] = Field(
        "native",
        description="`emulated` asks models that know no `response_format` for JSON in words, and checks what comes.",
    )
    think_tags: fields.Flag = Field(
        False, description="Whether its models write their thoughts into the answer, between <think> and </think>."
    )
    url: str = Field("", description="Its home page.")
    docs: str = Field("", description="The page that documents its API.")
    checked: str = Field("", description="The day on which that was last looked up.")
    description: str = Field("", description="What it is, in a sentence.")

    @model_validator(mode="after")
    def _speaks_one_way(self) -> Self:
        if self.dialect and self.adapter:
            raise refused("has a dialect and an adapter; keep one of them")
        if self.adapter and (self.think_tags or "emulated" in (self.tools, self.structured)):
            raise refused("an adapter says what it likes: `tools`, `structured` and `think_tags` are for dialects")
        return self


class ChainEntry(Section):
    """One target of a chain: a provider and its name for the model."""

    provider: fields.Name = Field(description="A provider from the catalog or from `providers`.")
    model: fields.OwnName | None = Field(
        None,
        description="The provider's name for the model; without it the public name, or the provider's alias. A star at "
        "its end stands for what the star of the public name does.",
    )
    weight: fields.Weight = Field(1, description="Its share within a tier.")
    timeouts: Timeouts = Field(
        Timeouts.unwritten(), description="How long to wait, where it differs from the provider's."
    )
    retries: fields.Retries | None = Field(None, description="Retries on this target before the next one.")
    capabilities: Capabilities | None = Field(
        None, description="What the model can do here, in place of what is known of the provider and of the model."
    )
    when: str | None = Field(
        None,
        max_length=condition.LONGEST,
        description="Use this target only while the expression holds, such as `errors(1h) < 3` or `hour >= 8`.",
    )


class Hedge(Section):
    """A second target started beside the first when that is slow to begin; the first content wins."""

    after: fields.HedgeAfter = Field(description="How long the first target may be silent: a duration, or p95.")
    budget: fields.Percent = Field(5, description="The most requests, in percent, that may be hedged.")


class Cache(Section):
    """How long answers are given again to whoever asks the very same."""

    ttl: fields.Duration = Field(description="How long an answer is given again.")
    max_size: fields.Size = Field(64 * _MIB, description="How much is kept for this model.")


class Model(Section):
    """A public model name and the targets that answer for it."""

    aliases: tuple[fields.ExactName, ...] = Field((), description="Other names for the same model.")
    chain: tuple[tuple[ChainEntry, ...], ...] = Field(
        description="The targets in order of preference: after the first tier failed, the next is tried."
    )
    balance: Literal["weight", "latency"] = Field(
        "weight", description="The order within a tier: drawn by weight, or the quickest to begin first."
    )
    fallback_on: FallbackOn | None = Field(
        None, description="As in `defaults`, for this model; an empty list turns it off."
    )
    operations: Operations | None = Field(
        None,
        description="What it is for, such as image-generation or embeddings. The first model for an operation is the "
        "default of requests that name none. Without it, the catalog's word on a model of that name.",
    )
    capabilities: Capabilities | None = Field(
        None,
        description="What it can do, such as tools or vision: a request that needs more skips its targets. Without it, "
        "the catalog's word on the model at its own providers.",
    )
    cache: Cache | None = Field(None, description="Give the same answer to the same request again; off by default.")
    hedge: Hedge | None = Field(None, description="Start the next target too when the first is slow; off by default.")
    family: str = Field("", description="Who made it.")
    context: fields.TokenCount | None = Field(None, description="The tokens it can take and give in all.")


class Conversations(Section):
    """How much is kept of the conversations that requests continue by `conversation_id`."""

    ttl: fields.Duration = Field(86400.0, description="How long a conversation is kept after its last answer.")
    max_messages: fields.AtOnce = Field(200, description="The messages of one; the oldest go first.")
    max_size: fields.Size = Field(256 * _KIB, description="The size of one, as JSON; the oldest messages go first.")
    max_count: fields.AtOnce = Field(1000, description="The conversations that are kept; the quietest goes first.")


class Log(Section):
    """What is logged, and how."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="The lowest level that is shown.")
    format: Literal["auto", "json", "console"] = Field(
        "auto", description="`auto`: for people on a terminal, JSON otherwise."
    )


class Usage(Section):
    """The books: who used what, and what it cost."""

    file: fields.UsageFile | None = Field(
        None, description="Where they are kept: an SQLite file, or `memory`. By default beside the state."
    )
    keep: fields.Duration = Field(365 * 86400.0, description="How long they are kept.")


class Traces(Section):
    """Where spans of requests are sent, for an operator's tools."""

    endpoint: fields.Endpoint = Field(description="OTLP over HTTP, such as http://127.0.0.1:4318/v1/traces.")
    headers: dict[fields.HeaderName, fields.HeaderValue] = Field({}, description="Headers that are sent along.")
    sample: fields.Percent = Field(
        100,
        description="How many of the traces that begin here are sent, in percent; others go by what they came with.",
    )
    service: fields.Name = Field("g4fd", description="What the service is called in the traces.")


def _not_empty(value: Any) -> Any:
    if not value and (value is None or isinstance(value, dict)):
        raise refused("is empty: name a model, or remove the line to serve the models of the catalog")
    return value


class Config(Section):
    """A whole g4f.yaml."""

    server: Server = Field(Server.unwritten(), description="The endpoint that clients talk to.")
    admin: Admin = Field(Admin.unwritten(), description="Where the operator's endpoints are.")
    media: Media = Field(Media.unwritten(), description="Where images are kept that clients get as links.")
    limits: Limits = Field(Limits.unwritten(), description="What one process takes on before it refuses more.")
    defaults: Defaults = Field(
        Defaults.unwritten(), description="What holds unless a provider or model says otherwise."
    )
    ignored_providers: tuple[fields.Name, ...] = Field((), description="Providers that are never used.")
    proxies: dict[fields.Name, fields.ProxyUrl] = Field({}, description="Named proxies: http, https, socks4, socks5.")
    providers: dict[fields.Name, Provider] = Field({}, description="Upstreams: changed ones of the catalog, and own.")
    models: Annotated[dict[fields.ModelName, Model] | None, BeforeValidator(_not_empty)] = Field(
        None, description="The models that are served. Without this section: those of the catalog."
    )
    catalog: fields.Flag = Field(False, description="Whether the catalog's models are served below the file's own.")
    state: fields.State = Field(
        "memory",
        description="Where cooldowns and conversations are kept: memory, or file: and a directory to outlive restarts.",
    )
    conversations: Conversations = Field(
        Conversations.unwritten(), description="How much is kept of the conversations that requests continue."
    )
    usage: Usage = Field(Usage.unwritten(), description="The books: who used what, and what it cost.")
    traces: Traces | None = Field(None, description="Where spans of requests are sent. Needs g4f[otel].")
    log: Log = Field(Log.unwritten(), description="What is logged, and how.")

    @classmethod
    def _keeps_null(cls) -> frozenset[str]:
        return frozenset({"models"})

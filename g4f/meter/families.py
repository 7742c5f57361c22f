"""Every metric of the daemon: its name, its meaning, its labels. What is not declared here cannot be counted.

Names are of Prometheus' conventions: base units, `_total` for what only grows. `docs/metrics.md` lists them, and a
test holds the two lists together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Kind(StrEnum):
    """How a metric behaves."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Merge(StrEnum):
    """What the values of several worker processes make together."""

    SUM = "sum"
    MAX = "max"
    MIN = "min"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Family:
    """One metric. `most` bounds its series: what comes later is counted under the label value `other`."""

    name: str
    help: str
    kind: Kind
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    merge: Merge = Merge.SUM
    most: int = 1000


#: Upper bounds in seconds. Answers take from tens of milliseconds to minutes, tokens and overhead far less.
_LONG: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0)
_FIRST: Final = (0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0)
_TOKEN: Final = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1.0)
_OWN: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5)


def _counter(name: str, text: str, *labels: str, merge: Merge = Merge.SUM, most: int = 1000) -> Family:
    return Family(name=name, help=text, kind=Kind.COUNTER, labels=labels, merge=merge, most=most)


def _gauge(name: str, text: str, *labels: str, merge: Merge = Merge.SUM) -> Family:
    return Family(name=name, help=text, kind=Kind.GAUGE, labels=labels, merge=merge)


def _histogram(name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Family:
    return Family(name=name, help=text, kind=Kind.HISTOGRAM, labels=labels, buckets=buckets)


# Requests, as clients see them.
REQUESTS = _counter("g4fd_requests_total", "Requests that ended.", "endpoint", "model", "status")
REQUEST_SECONDS = _histogram(
    "g4fd_request_duration_seconds", "From a request's arrival to the end of its answer.", _LONG, "endpoint", "model"
)
FIRST_TOKEN = _histogram(
    "g4fd_time_to_first_token_seconds", "From a request's arrival to its stream's content.", _FIRST, "model", "provider"
)
PER_TOKEN = _histogram(
    "g4fd_time_per_output_token_seconds", "Between two output tokens of a stream.", _TOKEN, "model", "provider"
)
OVERHEAD = _histogram("g4fd_overhead_seconds", "The part of a request in which no upstream was waited for.", _OWN)
ERRORS = _counter("g4fd_request_errors_total", "Requests that got an error, by its code.", "code", most=64)
CALLER_REQUESTS = _counter("g4fd_caller_requests_total", "Requests of each inbound key.", "caller")
CALLER_TOKENS = _counter("g4fd_caller_tokens_total", "Tokens of each inbound key.", "caller", "direction")

# Attempts: one is one upstream call.
ATTEMPTS = _counter("g4fd_attempts_total", "Upstream calls that ended.", "provider", "outcome", "failure")
ATTEMPT_SECONDS = _histogram(
    "g4fd_attempt_duration_seconds", "From an upstream call to its answer, content or failure.", _LONG, "provider"
)
RETRIES = _counter("g4fd_retries_total", "Further calls of the same target.", "provider")
FALLBACKS = _counter("g4fd_fallbacks_total", "Targets that were given up for the next.", "model", "provider", "failure")
SKIPPED = _counter("g4fd_skipped_targets_total", "Targets that were left out of a chain.", "provider", "reason")
COOLDOWNS_BEGUN = _counter("g4fd_cooldowns_total", "Cooldowns that began.", "provider", "failure")

# What answers consist of and cost.
TOKENS = _counter("g4fd_tokens_total", "Tokens, as upstreams counted them.", "model", "provider", "direction")
COST = _counter("g4fd_cost_usd_total", "What answers cost, where their price is known.", "model", "provider")
UNPRICED = _counter("g4fd_unpriced_answers_total", "Answers without a known price.", "model", "provider")
UNCOUNTED = _counter("g4fd_uncounted_answers_total", "Answers whose tokens nobody counted.", "model", "provider")
BUDGET_USED = _gauge(
    "g4fd_budget_used_ratio", "The part of a key's budget that is spent.", "caller", "per", merge=Merge.MAX
)

# What is going on.
IN_FLIGHT = _gauge("g4fd_requests_in_flight", "Requests that are open now.")
DRAINING = _gauge("g4fd_draining", "1 from the moment a stop was asked for.", merge=Merge.MAX)
LOOP_LAG = _gauge("g4fd_loop_lag_seconds", "How late the event loop is.", merge=Merge.MAX)
COOLING = _gauge("g4fd_cooldowns_active", "Cooldowns now.", "provider", "scope", "failure", merge=Merge.MAX)
COOLING_SECONDS = _gauge(
    "g4fd_cooldown_remaining_seconds", "Until the last cooldown of a provider ends.", "provider", merge=Merge.MAX
)
PROVIDER_USABLE = _gauge(
    "g4fd_provider_usable", "1 while no cooldown is on the provider as a whole.", "provider", merge=Merge.MIN
)
KEY_USABLE = _gauge("g4fd_key_usable", "1 while no cooldown is on the key.", "provider", "key", merge=Merge.MIN)
CONNECTIONS = _gauge("g4fd_upstream_connections", "Direct connections to upstreams.", "origin", "state")
LEASES = _gauge("g4fd_config_leases", "Requests that the current configuration serves.")
SPANS = _counter("g4fd_trace_spans_total", "Spans for the collector of traces, sent and dropped.", "result")
LOG_DROPPED = _counter("g4fd_log_lines_dropped_total", "Lines of the log that nobody read in time.")

# The configuration.
RELOAD_OK = _gauge(
    "g4fd_config_last_reload_successful", "1 if the file was good when it was last read.", merge=Merge.MIN
)
RELOAD_AT = _gauge(
    "g4fd_config_last_reload_success_timestamp_seconds", "When the file was last read and good.", merge=Merge.MIN
)
RELOAD_SECONDS = _gauge("g4fd_config_last_reload_duration_seconds", "How long the last reload took.", merge=Merge.MAX)
RELOADS = _counter("g4fd_config_reloads_total", "Reloads by their result.", "result", merge=Merge.MAX)
GENERATION = _gauge("g4fd_config_generation", "Counts the configurations that served.", merge=Merge.MAX)
CONFIG_INFO = _gauge("g4fd_config_info", "1, with the digest of the file that serves.", "digest", merge=Merge.MAX)

# The workers, where there are several.
WORKERS = _gauge("g4fd_workers", "Worker processes that serve; 0 where one process does it all.")
RESTARTS = _counter("g4fd_worker_restarts_total", "Workers that were replaced because they ended.")

# The process.
BUILD = _gauge("g4fd_build_info", "1, with the version.", "version", "python", merge=Merge.MAX)
CPU = _counter("process_cpu_seconds_total", "Processor time, user and system.")
MEMORY = _gauge("process_resident_memory_bytes", "Memory that is held.")
FILES = _gauge("process_open_fds", "Open files and sockets.")
MOST_FILES = _gauge("process_max_fds", "Files and sockets that may be open.")
STARTED = _gauge("process_start_time_seconds", "When the process began.", merge=Merge.MIN)

#: All of them by name, in the order in which they are shown.
FAMILIES: Final[Mapping[str, Family]] = MappingProxyType(
    {family.name: family for family in list(vars().values()) if isinstance(family, Family)}
)

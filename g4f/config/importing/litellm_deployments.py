"""LiteLLM's `model_list`: deployments, each read on its own."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from g4f.config import names, tree
from g4f.config.importing import litellm_upstreams as upstreams
from g4f.config.problem import Report
from g4f.config.tree import Node, Scalar

_READ: Final = frozenset(
    {"model", "api_base", "base_url", "api_key", "custom_llm_provider", "weight", "order", "rpm", "tpm"}
    | {"litellm_credential_name"}
    | {"timeout", "stream_timeout", "max_retries", "num_retries", "organization", "api_version", "extra_headers"}
)
#: What only describes, and changes nothing about a request.
_SILENT: Final = frozenset({"id", "mode", "base_model", "description", "team_id", "db_model", "created_at"})
#: What people write where a client insists on a key and the server does not.
_NO_KEYS: Final = frozenset(
    {"", "none", "empty", "null", "na", "n/a", "dummy", "fake", "anything", "sk-no-key-required"}
)
_REFERENCE: Final = re.compile(r"os\.environ/([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One entry of the list. `key` and `base` may be variables; `node` is where it stands."""

    node: Node
    name: str
    kind: str
    model: str
    base: str | None
    key: str | None
    weight: int
    order: int
    timeouts: dict[str, str]
    retries: int | None
    headers: dict[str, str] = field(default_factory=dict)


class _NoEquivalent(Exception):  # noqa: N818 - it says what a deployment has
    """The deployment cannot be taken over; the message says why."""


class Reader:
    """Reads deployments. `secret` turns a key that is written out into a variable; `catalog` are the providers that
    need no address."""

    def __init__(self, report: Report, secret: Callable[[Scalar, str], str], catalog: Collection[str]) -> None:
        self._catalog = catalog
        self._report = report
        self._secret = secret
        self._credentials: dict[str | None, Node] = {}

    def deployments(self, root: Node) -> Iterator[Deployment]:
        for entry in tree.items(tree.child(root, "credential_list")):
            values = tree.child(entry, "credential_values")
            if values is not None:
                self._credentials[tree.text(tree.child(entry, "credential_name"))] = values
        for item in tree.items(tree.child(root, "model_list")):
            try:
                yield self._deployment(item)
            except _NoEquivalent as why:
                self._report.warning(item.place, item.path, f"{why}; left out")

    def _deployment(self, item: Node) -> Deployment:
        params = tree.child(item, "litellm_params")
        name, written = tree.text(tree.child(item, "model_name")), tree.text(tree.child(params, "model"))
        if not name or not written or params is None:
            raise _NoEquivalent("has no model_name or litellm_params.model")
        if not names.is_model_name(name):
            raise _NoEquivalent(f"{name!r} cannot be the name of a model here")
        kind, model = upstreams.split(written, tree.text(tree.child(params, "custom_llm_provider")))
        shared = self._credentials.get(tree.text(tree.child(params, "litellm_credential_name")))
        base = value_of(_first("api_base", params, shared) or _first("base_url", params, shared))
        if kind in upstreams.FOREIGN or (not base and upstreams.ROWS.get(kind) not in self._catalog):
            raise _NoEquivalent(f"{written!r} is of a provider that has no equivalent here")
        if not _can_be_sent(name, model):
            raise _NoEquivalent(f"{written!r} cannot be what a provider is asked for in place of {name!r} here")
        if written == "*":
            message = "every name goes to OpenAI here; LiteLLM would choose by the name"
            self._report.warning(item.place, item.path, message)
        self._note(item, params)
        return Deployment(
            node=item,
            name=name,
            kind=kind,
            model="" if model == name else model,
            base=base,
            key=self._key(_first("api_key", params, shared), kind, base),
            weight=_whole(tree.child(params, "weight")) or _whole(tree.child(params, "rpm")) or 1,
            order=_whole(tree.child(params, "order")) or 0,
            timeouts=self._timeouts(params),
            retries=self._retries(params),
            headers=self._headers(params, kind),
        )

    def _note(self, item: Node, params: Node) -> None:
        for entry in tree.entries(params):
            if entry.key in ("rpm", "tpm"):
                weighed = " (rpm was taken as a weight)" if entry.key == "rpm" else ""
                self._report.warning(entry.place, entry.path, f"no limit for a provider has an equivalent{weighed}")
            elif entry.key == "api_version":
                self._report.warning(entry.place, entry.path, "is not sent: Azure's v1 API has no versions")
            elif entry.key not in _READ:
                self._report.warning(entry.place, entry.path, "has no equivalent; requests are not given parameters")
        for entry in tree.entries(tree.child(item, "model_info")):
            if entry.key not in _SILENT:
                self._report.warning(entry.place, entry.path, "has no equivalent; left out")

    def _key(self, node: Node | None, kind: str, base: str | None) -> str | None:
        if not isinstance(node, Scalar) or str(node.value).lower() in _NO_KEYS:
            return None
        host = urlsplit(base).hostname if base else None
        name = re.sub(r"[^A-Z0-9]", "_", "_".join(filter(None, (kind, host))).upper())
        return self._secret(node, f"{name if name[:1].isalpha() else f'PROVIDER_{name}'}_API_KEY")

    def _timeouts(self, params: Node) -> dict[str, str]:
        """Its `timeout` is for the whole answer, `stream_timeout` for a stream's first chunk."""
        found = {}
        for theirs, ours in (("timeout", "answer"), ("stream_timeout", "first_token")):
            node = tree.child(params, theirs)
            duration = seconds(node)
            if duration is not None:
                found[ours] = duration
            elif node is not None and not tree.is_null(node):
                self._report.warning(node.place, node.path, "is not a number of seconds; left out")
        return found

    def _retries(self, params: Node) -> int | None:
        found = _whole(tree.child(params, "num_retries"))
        return found if found is not None else _whole(tree.child(params, "max_retries"))

    def _headers(self, params: Node, kind: str) -> dict[str, str]:
        found = {}
        organization = tree.child(params, "organization")
        if isinstance(organization, Scalar) and organization.value:
            found["OpenAI-Organization"] = self._secret(organization, "OPENAI_ORGANIZATION")
        for entry in tree.entries(tree.child(params, "extra_headers")):
            if isinstance(entry.value, Scalar):
                name = f"{kind.upper()}_{re.sub(r'[^A-Z0-9]', '_', entry.key.upper())}"
                found[entry.key] = self._secret(entry.value, name)
        return found


def _first(name: str, *places: Node | None) -> Node | None:
    """The value of a name in the first place that has one."""
    return next((found for place in places if (found := tree.child(place, name)) is not None), None)


def value_of(node: Node | None) -> str | None:
    """A text, with `os.environ/NAME` as `${NAME}`; None where there is none."""
    written = tree.text(node)
    if not written:
        return None
    reference = _REFERENCE.fullmatch(written)
    return f"${{{reference[1]}}}" if reference else written


def seconds(node: Node | None) -> str | None:
    """A number of seconds as a duration, if it is one."""
    value = node.value if isinstance(node, Scalar) else None
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else 0.0
    except ValueError:
        return None
    return f"{number:g}s" if 0.001 <= number <= 86400 * 365 and "e" not in f"{number:g}" else None


def _whole(node: Node | None) -> int | None:
    value = node.value if isinstance(node, Scalar) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10_000 else None


def _can_be_sent(name: str, model: str) -> bool:
    """Whether what goes upstream can be said here: one name, or with what the star of a pattern matched at its end."""
    if name.endswith("*") and model.endswith("*"):
        return model == "*" or names.is_upstream_model(model[:-1])
    return names.is_upstream_model(model)

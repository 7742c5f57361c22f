"""Every value that is in effect, and where it comes from: the file's line, the environment, the catalog or a default.

The table says what holds for a target after all inheritance; this says which layer said it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Final

from g4f.config.load import Loaded, load_catalog
from g4f.config.proxies import without_credentials
from g4f.config.rows import Row, rows
from g4f.config.schema import Provider
from g4f.config.settings import Settings
from g4f.config.units import shown_duration
from g4f.gateway.snapshot import Plan
from g4f.router.table import ANSWER_PER_FIRST_TOKEN, ProviderRules, Timeouts

DEFAULT: Final = "default"
CATALOG: Final = "catalog"

_TIMES: Final = tuple(field.name for field in fields(Timeouts))
#: Said by the layers below, and so told with the layer that says it.
_INHERITED: Final = ("timeouts", "retries", "proxy")


@dataclass(frozen=True, slots=True)
class Setting:
    """One value in effect. `origin` is `file:line:col`, the name of a variable, `catalog` or `default`."""

    path: str
    value: str
    origin: str


def effective(loaded: Loaded, plan: Plan, settings: Settings) -> list[Setting]:
    """The settings of a plan, in the order of the file's sections; of the providers those that are named or used."""
    return list(_Teller(loaded, plan, settings).all())


class _Teller:
    def __init__(self, loaded: Loaded, plan: Plan, settings: Settings) -> None:
        self._loaded = loaded
        self._plan = plan
        self._catalog = load_catalog().providers
        self._environment = dict(_from_environment(loaded, settings))

    def all(self) -> Iterator[Setting]:
        config = self._plan.config
        apart = ("providers", "models")
        for row in rows(config.model_copy(update={"providers": {}, "models": None})):
            if row.path not in apart:
                yield self._setting(row)
        for name, rules in self._plan.table.providers.items():
            if rules.listed and (name in config.providers or config.models is not None):
                yield from self._provider(name, self._plan.providers[name], rules)
        for name in config.models or ():
            yield from self._model(name)

    def _provider(self, name: str, row: Provider, rules: ProviderRules) -> Iterator[Setting]:
        path = f"providers.{name}"
        for found in rows(row, path):
            if found.path.removeprefix(f"{path}.").partition(".")[0] in _INHERITED:
                continue
            if found.path.endswith(".key") and self._place(found.path) is None:
                yield Setting(found.path, found.text, f"{row.key_env}, environment")
            else:
                yield self._setting(found, self._shipped(name, found.path))
        yield Setting(f"{path}.retries", str(rules.retries), self._origin([f"{path}.retries", "defaults.retries"]))
        proxy = [f"{path}.proxy", "defaults.proxy"]
        yield Setting(f"{path}.proxy", without_credentials(rules.proxy or "none"), self._origin(proxy))
        yield from self._times(path, rules.timeouts, [f"{path}.timeouts", "defaults.timeouts"])

    def _model(self, name: str) -> Iterator[Setting]:
        path = f"models.{name}"
        model = (self._plan.config.models or {})[name]
        for row in rows(model.model_copy(update={"chain": ()}), path):
            if row.path != f"{path}.chain":
                yield self._setting(row)
        for number, tier in enumerate(self._plan.table.routes[name].tiers):
            for index, entry in enumerate(tier):
                here = f"{path}.chain[{number}][{index}]"
                label = f"{entry.provider}/{entry.model}" if entry.model else entry.provider
                above = f"providers.{entry.provider}"
                yield Setting(here, label, self._origin([here, f"{path}.chain[{number}]"]))
                yield Setting(f"{here}.weight", str(entry.weight), self._origin([f"{here}.weight"]))
                if entry.when:
                    yield Setting(f"{here}.when", entry.when.text, self._origin([f"{here}.when"]))
                layers = [f"{here}.retries", f"{above}.retries", "defaults.retries"]
                yield Setting(f"{here}.retries", str(entry.retries), self._origin(layers))
                layers = [f"{here}.timeouts", f"{above}.timeouts", "defaults.timeouts"]
                yield from self._times(here, entry.timeouts, layers)

    def _times(self, path: str, timeouts: Timeouts, layers: Sequence[str]) -> Iterator[Setting]:
        for name in _TIMES:
            yield Setting(
                f"{path}.timeouts.{name}",
                shown_duration(getattr(timeouts, name)),
                self._origin_of_answer(layers) if name == "answer" else self._origin([f"{at}.{name}" for at in layers]),
            )

    def _origin_of_answer(self, layers: Sequence[str]) -> str:
        """`answer` follows from the `first_token` of the first layer that says either."""
        for layer in layers:
            own = self._place(f"{layer}.answer")
            if own is not None:
                return own
            scaled = self._place(f"{layer}.first_token")
            if scaled is not None:
                return f"{ANSWER_PER_FIRST_TOKEN:g} times first_token, {scaled}"
        return DEFAULT

    def _setting(self, row: Row, fallback: str = DEFAULT) -> Setting:
        return Setting(row.path, row.text, self._origin([row.path], fallback))

    def _origin(self, layers: Sequence[str], fallback: str = DEFAULT) -> str:
        return next((place for place in map(self._place, layers) if place is not None), fallback)

    def _place(self, path: str) -> str | None:
        if path in self._environment:
            return self._environment[path]
        found = self._loaded.origins.get(path)
        return f"{self._loaded.path}:{found.line}:{found.col}" if found else None

    def _shipped(self, provider: str, path: str) -> str:
        """Whether it is the catalog that says a value of a provider which the file does not say."""
        row = self._catalog.get(provider)
        name = path.removeprefix(f"providers.{provider}.").partition(".")[0].partition("[")[0]
        if row is None or name not in row.model_fields_set:
            return DEFAULT
        # Another base_url takes back what the catalog says of the provider's own, such as its key's variable.
        same = getattr(row, name) == getattr(self._plan.providers[provider], name)
        return CATALOG if same or name == "models" else DEFAULT


def _from_environment(loaded: Loaded, settings: Settings) -> Iterator[tuple[str, str]]:
    """The values that a variable decides (or an option of the command line, which is the same to the settings)."""
    said = {
        "server.listen": (settings.listen is not None, "G4F_LISTEN"),
        "server.workers": (settings.workers is not None, "G4F_WORKERS"),
        "server.web": (settings.gui, "G4F_GUI"),
        "log.level": (settings.log_level is not None, "G4F_LOG_LEVEL"),
        "log.format": (settings.log_format is not None, "G4F_LOG_FORMAT"),
        "defaults.proxy": (settings.proxy is not None and loaded.config.defaults.proxy is None, "G4F_PROXY"),
        "defaults.provider": (settings.provider is not None, "G4F_PROVIDER"),
        "defaults.model": (settings.model is not None, "G4F_MODEL"),
        "defaults.timeouts.total": (settings.timeout is not None, "G4F_TIMEOUT"),
        "defaults.timeouts.answer": (settings.timeout is not None, "G4F_TIMEOUT"),
        "defaults.timeouts.idle": (settings.stream_timeout is not None, "G4F_STREAM_TIMEOUT"),
    }
    if settings.debug:
        said["log.level"] = (True, "G4F_DEBUG")
    for path, (holds, variable) in said.items():
        if holds:
            yield path, f"{variable}, environment"

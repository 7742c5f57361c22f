"""The models of the catalog as constants (`g4f.models.gpt_4o`), and the registry that finds them by name.

A constant is a model's name with `_` for every character that Python does not take (`gpt-4.1` is `gpt_4_1`). Models
that a program makes are registered beside them. Nobody is contacted.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from g4f.client.earlier import earlier_models
from g4f.client.pins import members, name_of
from g4f.client.providers import provider
from g4f.client.registry import REGISTERED, Model, register
from g4f.config.load import load_catalog
from g4f.config.refusals import did_you_mean
from g4f.errors import ProviderNotFoundError
from g4f.providers.retry_provider import IterListProvider

if TYPE_CHECKING:
    from g4f.catalog.model_names import *  # noqa: F403

#: Every model by name, with the providers that answer for it.
__models__: Mapping[str, tuple[Model, list[Any]]]
_all_models: list[str]

_OWN: Final = ("AudioModel", "ImageModel", "Model", "ModelRegistry", "ModelUtils", "VideoModel", "VisionModel")
#: Constants of g4f for models that have another name here.
CONSTANTS: Final[Mapping[str, str]] = {
    "gpt_35_turbo": "gpt_3_5_turbo",
    "gpt_35_turbo_16k": "gpt_3_5_turbo_16k",
    "gpt_35_long": "gpt_3_5_turbo_16k",
    "gpt_image": "gpt_image_1",
    "gemini_3_1_pro": "gemini_3_1_pro_preview",
    "kimi": "kimi_k2",
    "llama3_8b_instruct": "llama_3_8b_instruct",
    "llama3_70b_instruct": "llama_3_70b_instruct",
    "llama_3_1_70b": "llama_3_1_70b_instruct",
    "mistral_small_3_1_24b": "mistral_small_3_1_24b_instruct",
    "qwen_2_5_coder_32b": "qwen_2_5_coder_32b_instruct",
    "qwen_2_5_vl_72b": "qwen_2_5_vl_72b_instruct",
    "qwen_3_32b": "qwen3_32b",
    "qwen_3_235b": "qwen3_235b",
    "qwen_2_72b": "qwen_2_72b_instruct",
    "qwen_2_5_72b": "qwen_2_5_72b_instruct",
    "flux": "flux_schnell",
    "flux_kontext_max": "flux_kontext",
    "dalle_3": "dall_e_3",
    "gemini_2_0_flash": "gemini_2_0_flash_001",
    "gpt_4_5": "gpt_4_5_preview",
    "grok_2": "grok_2_1212",
    "grok_3": "grok_3_beta",
    "hermes_2_dpo": "nous_hermes_2_mixtral_8x7b_dpo",
    "llama2_70b": "llama_2_70b_chat",
    "llama_2_70b": "llama_2_70b_chat",
    "llama_3_8b": "llama_3_8b_instruct",
    "llama_3_2_1b": "llama_3_2_1b_instruct",
    "llama_3_2_3b": "llama_3_2_3b_instruct",
    "llama_3_2_11b": "llama_3_2_11b_vision_instruct",
    "llama_3_2_90b": "llama_3_2_90b_vision_instruct",
    "mistral_7b": "mistral_7b_instruct",
    "mistral_small_24b": "mistral_small_24b_instruct_2501",
    "mixtral_8x7b": "mixtral_8x7b_instruct",
    "mixtral_8x22b": "mixtral_8x22b_instruct",
    "nemotron_70b": "llama_3_1_nemotron_70b_instruct",
    "phi_3_5_mini": "phi_3_5_mini_128k_instruct",
}


class ModelRegistry:
    """Every model by name and by alias: the catalog's, and those that the program has made."""

    @classmethod
    def get(cls, name: str) -> Model | None:
        """The model of that name or alias."""
        _load()
        return REGISTERED.get(name)

    @classmethod
    def all_models(cls) -> dict[str, Model]:
        """Every model by its own name."""
        _load()
        return {model.name: model for model in REGISTERED.values() if model.name}

    @classmethod
    def list_models_by_provider(cls, provider_name: str) -> list[str]:
        """The names of the models that a provider answers for."""
        return [name for name, model in cls.all_models().items() if provider_name in map(name_of, _providers(model))]

    @classmethod
    def validate_all_models(cls) -> dict[str, list[str]]:
        """What is wrong with each model, by name: nothing, if every one has a provider that exists."""
        checked = {name: _problems(model) for name, model in cls.all_models().items()}
        return {name: problems for name, problems in checked.items() if problems}

    @classmethod
    def register(cls, model: Model, aliases: Sequence[str] = ()) -> None:
        """Let a model be found under its name and these aliases."""
        _load()
        register(model, tuple(aliases))


class _Registered:
    """The catalog's models are in the registry when it is first looked at, and not before."""

    def __get__(self, owner: object, kind: type | None = None) -> dict[str, Model]:
        _load()
        return REGISTERED


class ModelUtils:
    """The registry under the name that older programs use. `convert` has every model by name and alias; a program may
    write its own into it."""

    convert = _Registered()

    @classmethod
    def get_model(cls, name: str) -> Model | None:
        """The model of that name or alias."""
        return ModelRegistry.get(name)

    @classmethod
    def register_alias(cls, alias: str, name: str) -> None:
        """Let a model be found under one more name. Raises KeyError for one that is not registered."""
        _load()
        REGISTERED[alias] = REGISTERED[name]


class ImageModel(Model):
    """A model that makes pictures."""


class AudioModel(Model):
    """A model that speaks or listens."""


class VideoModel(Model):
    """A model that makes films."""


class VisionModel(Model):
    """A model that looks at pictures."""


class EarlierModel(Model):
    """A model that g4f had a constant for and nobody of the catalog serves. A program that names it starts, and is
    answered where the configuration has that name."""

    def __post_init__(self) -> None:
        """It is not registered."""


@cache
def _load() -> Mapping[str, Model]:
    """The catalog's models by constant. A name that the program registered itself stays as it is."""
    catalog, own = load_catalog(), dict(REGISTERED)
    found: dict[str, Model] = {}
    for name, row in (catalog.models or {}).items():
        tiers = [entry.provider for tier in row.chain for entry in tier]
        handles = [provider(one) for one in dict.fromkeys(tiers)]
        best = handles[0] if len(handles) == 1 else IterListProvider(handles, shuffle=False)
        model = Model(name=name, base_provider=_maker(handles[0]), best_provider=best)
        register(model, row.aliases)
        found.update({constant(known): model for known in (name, *row.aliases)})
    REGISTERED.update(own)
    found |= {old: found[new] for old, new in CONSTANTS.items() if new in found and old not in found}
    found["default"] = Model(name="")
    found["default_vision"] = VisionModel(name="")
    return found


def constant(name: str) -> str:
    """The name of a model as a Python identifier."""
    made = re.sub(r"\W", "_", name, flags=re.ASCII)
    return f"_{made}" if made[:1].isdigit() else made


def _maker(handle: Any) -> str:
    return name_of(handle)


def _providers(model: Model) -> list[Any]:
    return [] if model.best_provider is None else members(model.best_provider)


def _problems(model: Model) -> list[str]:
    if model.best_provider is None:
        return ["no provider"]
    problems = []
    for leaf in _providers(model):
        try:
            if isinstance(leaf, str):
                provider(leaf)
        except ProviderNotFoundError as error:
            problems.append(error.message)
    return problems


def constants() -> list[str]:
    """The names of all models as Python writes them."""
    return list(_load())


def _constant(name: str) -> Any:
    """The model with that constant."""
    if name == "__models__":
        return {known: (model, _providers(model)) for known, model in ModelRegistry.all_models().items()}
    if name == "__all__":
        return [*_OWN, *_load()]
    if name == "_all_models":
        return list(ModelRegistry.all_models())
    found = _load().get(name) or _earlier(name)
    if found is None:
        raise AttributeError(f"g4f.models has no {name!r}{did_you_mean(name, _load())}")
    return found


@cache
def _earlier(name: str) -> Model | None:
    known = earlier_models().get(name)
    return None if known is None else ModelRegistry.get(known) or EarlierModel(name=known)


if not TYPE_CHECKING:  # a checker knows the names, and says so of one that there is not
    __getattr__ = _constant


def __dir__() -> list[str]:
    return sorted([*globals(), *_load()])

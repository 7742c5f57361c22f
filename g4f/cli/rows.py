"""The providers as a command sees them: the catalog's rows, with what a file changes where there is one."""

from collections.abc import Mapping

from g4f.cli.place import config_path
from g4f.config.layers import layered_providers
from g4f.config.load import load, load_catalog
from g4f.config.refusals import did_you_mean
from g4f.config.schema import Config, Provider
from g4f.config.settings import environment, from_environment
from g4f.errors import ProviderNotFoundError


def rows(file: str | None) -> tuple[Mapping[str, Provider], Config]:
    """Every provider by name, and the configuration; without a file that is named or lies here, only the catalog.

    Raises ConfigError."""
    settings, environ = from_environment(), environment()
    path = config_path(file, settings)
    if file is None and settings.config is None and not path.exists():
        config = Config()
    else:
        config = load(path, environ=environ, settings=settings).config
    catalog = load_catalog()
    models = config.models if config.models is not None else catalog.models
    return layered_providers(config, catalog, environ), config.model_copy(update={"models": models})


def row_of(name: str, known: Mapping[str, Provider]) -> Provider:
    """The row of a provider. Raises ProviderNotFoundError with a near name."""
    if name not in known:
        raise ProviderNotFoundError(f"no provider {name!r} in the catalog or the file{did_you_mean(name, known)}")
    return known[name]

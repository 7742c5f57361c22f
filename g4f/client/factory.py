"""Make clients and providers from their parts."""

from typing import Any

from g4f.client.aio import AsyncClient
from g4f.client.options import checked_row, name_for
from g4f.client.providers import CatalogProvider
from g4f.client.providers import provider as catalog_provider
from g4f.client.sync import Client


def create_custom_provider(
    base_url: str,
    api_key: str | None = None,
    name: str | None = None,
    working: bool = True,
    default_model: str = "",
    models: list[str] | None = None,
    **attributes: Any,
) -> type[CatalogProvider]:
    """A provider class for a server that speaks OpenAI's dialect. Its key goes to that server and nowhere else."""
    shown = name or name_for(base_url)
    row = checked_row(
        shown, {"base_url": base_url, **({"keys": [{"name": "given", "key": api_key}]} if api_key else {})}
    )
    made = {"working": working, "default_model": default_model, "models": models or [], "url": base_url, **attributes}
    return type(shown, (CatalogProvider,), {"own_row": row, "__doc__": f"The server at {shown}.", **made})


class ClientFactory:
    """Clients and providers by name or by address."""

    @staticmethod
    def create_client(provider: Any = None, media_provider: Any = None, **options: Any) -> Client:
        """A `Client` with these options."""
        return Client(provider, media_provider, **options)

    @staticmethod
    def create_async_client(provider: Any = None, media_provider: Any = None, **options: Any) -> AsyncClient:
        """An `AsyncClient` with these options."""
        return AsyncClient(provider, media_provider, **options)

    @staticmethod
    def create_provider(
        name: str, provider: str | None = None, base_url: str | None = None, api_key: str | None = None, **more: Any
    ) -> Any:
        """The provider of that name or, with `base_url`, a class for the server there. Raises ProviderNotFoundError."""
        if base_url is not None:
            return create_custom_provider(base_url, api_key, name, **more)
        return catalog_provider(provider or name)

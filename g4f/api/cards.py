"""Models and providers as clients are told of them: the shapes of the REST document, and what else is known."""

from collections.abc import Iterable, Mapping
from typing import Any

from g4f.exchange.request import Operation
from g4f.meter.prices import Price, Prices
from g4f.router.table import ProviderRules, Route, RoutingTable

_CHAT = frozenset({Operation.CHAT})


def model_card(name: str, route: Route, table: RoutingTable, prices: Prices) -> dict[str, Any]:
    """A model that can be asked for. What it can do is what some provider of its chain can do with it; `pricing` is
    that of the first of them whose price is known, in US dollars for a million tokens."""
    operations = route.operations or {table.purpose(route)}
    able = table.able(route) if Operation.CHAT in operations else frozenset()
    known: dict[str, Any] = {} if route.context is None else {"context_length": route.context}
    price = _price(name, route, table, prices)
    if price is not None:
        known["pricing"] = {"input": price.input, "output": price.output, "cached": price.cached}
    return {
        **_card(name, next(route.providers())),
        "image": Operation.IMAGE_GENERATION in operations,
        "vision": "vision" in able,
        "provider": False,
        "operations": sorted(operations),
        "capabilities": sorted(able),
        **known,
    }


def _price(name: str, route: Route, table: RoutingTable, prices: Prices) -> Price | None:
    asked = name if route.pattern else route.name
    for tier in route.tiers:
        for entry in tier:
            rules = table.providers[entry.provider]
            price = prices.find(rules.name, entry.model or rules.aliases.get(asked, asked))
            if price is not None and rules.usable and not rules.ignored:
                return price
    return None


def provider_as_model(rules: ProviderRules) -> dict[str, Any]:
    """A provider that can be picked, as it is listed among the models."""
    return {
        **_card(rules.name, rules.name),
        "image": Operation.IMAGE_GENERATION in rules.operations,
        "vision": "vision" in rules.capabilities,
        "provider": True,
        "operations": sorted(rules.operations),
        "capabilities": sorted(rules.capabilities),
    }


def own_models(names: Iterable[str], rules: ProviderRules, table: RoutingTable) -> list[dict[str, Any]]:
    """Models by the names that their provider has for them."""
    known = _purposes(rules, table)
    return [
        {
            **_card(name, rules.name),
            "image": Operation.IMAGE_GENERATION in known.get(name, _CHAT),
            "vision": _sees(name, rules, table) and Operation.CHAT in known.get(name, _CHAT),
        }
        for name in names
    ]


def provider_card(rules: ProviderRules, names: list[str], table: RoutingTable, *, url: str) -> dict[str, Any]:
    """A provider, with its own `names` of models."""
    known = _purposes(rules, table)
    chats = [name for name in names if Operation.CHAT in known.get(name, _CHAT)]
    return {
        "provider": rules.name,
        "models": names,
        "image_models": [name for name in names if Operation.IMAGE_GENERATION in known.get(name, _CHAT)],
        "vision_models": [name for name in chats if _sees(name, rules, table)],
        "url": url,
        "working": rules.usable and not rules.ignored,
        "auth": not rules.keyless,
    }


def _sees(name: str, rules: ProviderRules, table: RoutingTable) -> bool:
    known = table.known_abilities.get(name, rules.capabilities) if rules.well_known else rules.capabilities
    return "vision" in rules.capabilities & known


def known_models(rules: ProviderRules, table: RoutingTable) -> list[str]:
    """The provider's own names that the configuration mentions."""
    found = dict.fromkeys(rules.aliases.values())
    for route in table.routes.values():
        for tier in route.tiers:
            for entry in tier:
                if entry.provider == rules.name and not (entry.model or route.name).endswith("*"):
                    found[_own_name(entry.model, route, rules)] = None
    return list(found)


def _purposes(rules: ProviderRules, table: RoutingTable) -> Mapping[str, frozenset[Operation]]:
    """What a provider's own models are for, where the configuration or the catalog knows it."""
    found = dict(table.known)
    for route in table.routes.values():
        if route.operations is not None:
            for tier in route.tiers:
                own = (entry for entry in tier if entry.provider == rules.name)
                found.update({_own_name(entry.model, route, rules): route.operations for entry in own})
    return found


def _own_name(model: str | None, route: Route, rules: ProviderRules) -> str:
    return model or rules.aliases.get(route.name, route.name)


def _card(name: str, owner: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": owner}

"""The catalog is a configuration like any other, and every row is fit for use."""

import re
from datetime import date
from urllib.parse import urlsplit

import pytest

from g4f.config import adapters
from g4f.config.load import load_catalog
from g4f.exchange.request import Operation

CATALOG = load_catalog()
ROWS = sorted(CATALOG.providers.items())
MODELS = sorted((CATALOG.models or {}).items())


def test_it_has_the_expected_extent() -> None:
    assert len(ROWS) >= 29
    assert len(MODELS) >= 40


def test_it_is_read_once() -> None:
    assert load_catalog() is CATALOG


@pytest.mark.parametrize(("name", "row"), ROWS, ids=[name for name, _ in ROWS])
def test_a_row_is_described_and_says_how_it_is_reached(name, row) -> None:
    assert row.description.endswith(".")
    assert ("stream" in row.capabilities) == (Operation.CHAT in row.operations)
    if row.base_url is None:
        assert row.adapter in adapters.LOCAL
        return
    assert row.adapter in adapters.REMOTE or row.dialect in {"openai", "anthropic", "cohere", "gemini"}
    assert urlsplit(row.docs).scheme == urlsplit(row.url).scheme == "https"
    host = urlsplit(row.base_url).hostname
    assert row.base_url.startswith("https://") or host == "127.0.0.1"
    assert row.keyless == (host == "127.0.0.1" or name in _FOR_EVERYBODY)


@pytest.mark.parametrize(("name", "row"), ROWS, ids=[name for name, _ in ROWS])
def test_a_row_that_was_looked_up_says_when(name, row) -> None:
    if row.checked:
        assert date(2026, 1, 1) <= date.fromisoformat(row.checked)
    else:
        assert name in _NOT_LOOKED_UP


@pytest.mark.parametrize(("name", "row"), ROWS, ids=[name for name, _ in ROWS])
def test_a_row_holds_no_key_and_names_its_variable(name, row) -> None:
    assert row.keys == ()
    assert row.headers == {}
    if not row.keyless:
        assert re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*_(KEY|TOKEN|PAT|BEDROCK)", row.key_env)


@pytest.mark.parametrize(("name", "model"), MODELS, ids=[name for name, _ in MODELS])
def test_what_a_model_is_for_can_be_asked_of_each_of_its_providers(name, model) -> None:
    wanted = model.operations or {Operation.CHAT}
    for tier in model.chain:
        for entry in tier:
            assert wanted <= CATALOG.providers[entry.provider].operations


def test_each_key_variable_belongs_to_one_provider() -> None:
    variables = [row.key_env for _, row in ROWS if row.key_env]
    assert len(set(variables)) == len(variables)


@pytest.mark.parametrize(("name", "model"), MODELS, ids=[name for name, _ in MODELS])
def test_a_model_names_providers_of_the_catalog_that_know_it(name, model) -> None:
    for tier in model.chain:
        for entry in tier:
            row = CATALOG.providers[entry.provider]
            maker_calls_it_so = entry is model.chain[0][0] or not row.models
            assert name in row.models or maker_calls_it_so or entry.provider in _SAME_NAMES


@pytest.mark.parametrize(("name", "row"), ROWS, ids=[name for name, _ in ROWS])
def test_an_alias_of_a_row_is_a_model_of_the_catalog(name, row) -> None:
    assert set(row.models) <= {model for model, _ in MODELS}


#: Services that answer some requests without a key.
_FOR_EVERYBODY = {"PollinationsAI", "Copilot"}
#: The one that no page documents, and the one that is built in.
_NOT_LOOKED_UP = {"Copilot", "Demo"}
#: Providers whose own names for some models are the public ones.
_SAME_NAMES = {"Cerebras", "SambaNova"}

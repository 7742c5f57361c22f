"""The gathered part of the catalog: valid by the schema, below what is written by hand, and cheap to have."""

import json
from typing import Any

from g4f.cli.daemon import main
from g4f.config.gathered import read_gathered
from g4f.config.load import load_catalog
from g4f.config.schema import ChainEntry, Model, Price


def test_every_gathered_entry_is_valid_by_the_schema() -> None:
    document = read_gathered()
    for described in document["models"].values():
        chain = tuple(tuple(ChainEntry(provider=row) for row in tier) for tier in described["chain"])
        Model(chain=chain, family=described["family"], context=described.get("context"))
    for prices in document["prices"].values():
        for price in prices.values():
            Price(**price)


def test_there_are_hundreds_of_models_and_each_has_a_provider() -> None:
    models = load_catalog().models or {}
    assert len(models) > 300
    assert all(tier for model in models.values() for tier in model.chain)


def test_what_is_written_by_hand_goes_first() -> None:
    catalog = load_catalog()
    models = catalog.models or {}
    assert "llama3.2" not in models["llama-3.3-70b"].aliases
    assert [entry.provider for entry in models["llama-3.3-70b"].chain[0]] == ["Groq", "SambaNova"]
    assert catalog.providers["Groq"].models["llama-3.3-70b"] == "llama-3.3-70b-versatile"


def test_the_check_finds_nothing_and_says_so(capsys: Any) -> None:
    assert main(["catalog", "check", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["problems"], told["models"] > 300) == ([], True)


def test_a_search_wants_every_word(capsys: Any) -> None:
    assert main(["catalog", "GPT-4o", "mini", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["models"]
    mini = next(model for model in found if model["name"] == "gpt-4o-mini")
    assert all("mini" in model["name"] for model in found)
    assert mini["price"]["input"] < mini["price"]["output"]
    assert mini["providers"]["OpenRouter"] == "openai/gpt-4o-mini"


def test_a_search_without_a_result_says_so(capsys: Any) -> None:
    assert main(["catalog", "no-such-model-anywhere"]) == 1
    assert "no-such-model-anywhere" in capsys.readouterr().err


def test_the_table_has_a_line_for_each_model_and_says_where_the_figures_are_from(capsys: Any) -> None:
    assert main(["catalog", "sonar"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["MODEL", "FAMILY", "CONTEXT", "IN", "OUT", "PROVIDERS"]
    assert read_gathered()["checked"] in lines[-1]

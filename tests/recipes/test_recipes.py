"""Every recipe loads, resolves, keeps answering where it says so, and is described."""

import re
from pathlib import Path

import pytest

from g4f.config.assumed import AssumedEnvironment, with_every_key
from g4f.config.load import load
from g4f.gateway.drill.play import drill
from g4f.gateway.gateway import Gateway
from g4f.gateway.snapshot import Plan, plan

DIRECTORY = Path(__file__).parents[2] / "config/recipes"
RECIPES = sorted(DIRECTORY.glob("*.yaml"))

#: Models that have one provider on purpose, and so no fallback.
ALONE = {
    "private": "its two are on the same machine",
    "confidential": "it must not leave the company",
    "local": "it must not leave the machine",
    "claude-*": "any version goes to the maker",
}


def read(path: Path) -> Plan:
    environ = AssumedEnvironment({"AZURE_API_BASE": "https://me.openai.azure.com"})
    loaded = load(path, environ=environ)
    assert loaded.warnings == ()
    return plan(loaded, with_every_key(loaded, environ))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_it_loads_and_every_model_of_it_can_be_asked_for(path):
    made = read(path)
    gateway = Gateway(made)
    for name in (*made.table.routes, *made.table.aliases):
        found = gateway.explain(name.replace("*", "x"))
        assert found.targets, name
        assert found.skipped == [], name


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_it_keeps_answering_while_its_first_provider_fails(path):
    made = read(path)
    lonely = {route.model for route in drill(made, made.table.routes) if not route.keeps_answering}
    assert lonely <= set(ALONE)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_it_says_what_it_is_for_and_what_it_needs(path):
    text = path.read_text()
    lines = text.splitlines()
    assert lines[0] == "# yaml-language-server: $schema=../g4f.schema.json"
    assert lines[2].startswith("# Needs: ")
    head = "\n".join(line for line in lines[:5] if line.startswith("#"))
    for name in re.findall(r"\$\{([A-Z0-9_]+)\}", text):
        assert name in head, f"{name} is not said to be needed"


def test_the_readme_lists_each_of_them_and_no_other():
    listed = re.findall(r"\]\(([a-z-]+\.yaml)\)", (DIRECTORY / "README.md").read_text())
    assert sorted(listed) == [path.name for path in RECIPES]

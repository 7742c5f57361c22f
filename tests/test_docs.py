"""The documentation names everything that a user can write, call or read."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from g4f.api.app import ROUTES
from g4f.config import schema
from g4f.config.load import load, load_text
from g4f.config.settings import Settings
from g4f.exchange.failure import ANSWERS, FailureKind

ROOT = Path(__file__).parents[1]


def text(name: str) -> str:
    return (ROOT / name).read_text()


SECTIONS = [c for c in vars(schema).values() if isinstance(c, type) and issubclass(c, BaseModel)]
KEYS = sorted({key for section in SECTIONS for key in section.model_fields})


@pytest.mark.parametrize("key", KEYS)
def test_every_key_of_the_file_is_documented(key):
    assert (
        f"`{key}`" in text("docs/configuration.md")
        or f".{key}`" in text("docs/configuration.md")
        or f"{key}:" in text("docs/configuration.md")
    )


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_environment_variable_is_documented(name):
    assert f"`G4F_{name.upper()}`" in text("docs/configuration.md")


@pytest.mark.parametrize("kind", FailureKind)
def test_every_failure_kind_is_documented(kind):
    assert f"`{kind}`" in text("docs/reliability.md")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_endpoint_is_documented(route):
    path = route.path.replace("{model:.+}:{call:[A-Za-z]+}", "{model}:{call}").replace("{model:.+}", "{id}")
    path = path.replace("{filename:.*}", "{filename}").replace(":(?!v1/)[^/]+}", "}")
    assert path in text("docs/http-api.md")


def test_every_answer_is_an_error_status():
    assert all(400 <= answer.status < 600 for answer in ANSWERS.values())


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text(name), re.DOTALL)


def test_the_file_of_the_readme_is_good():
    (written,) = blocks("README.md", "yaml")
    loaded = load_text(written, environ={"G4F_API_KEY": "a-key-of-sixteen-characters"})
    assert loaded.warnings == ()


def test_the_example_needs_no_environment():
    assert load(ROOT / "g4f.example.yaml", environ={}).warnings == ()


@pytest.mark.parametrize("name", ["README.md", *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs").glob("*.md"))])
def test_every_link_leads_somewhere(name):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text(name)):
        assert ((ROOT / name).parent / target).exists(), target

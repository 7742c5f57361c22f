"""config/g4f.schema.json is what the models say, and agrees with the loader."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from g4f.config.jsonschema import json_schema

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent

#: Refused by the loader for what a JSON Schema can say as well.
SHAPES = (
    "unknown-top-level",
    "unknown-in-server",
    "unknown-in-key",
    "unknown-in-timeouts",
    "unknown-in-provider",
    "unknown-in-model",
    "unknown-in-chain-entry",
    "unknown-in-log",
    "server-is-a-list",
    "keys-is-a-mapping",
    "models-is-a-list",
    "models-is-empty",
    "models-is-an-empty-mapping",
    "model-is-text",
    "providers-is-text",
    "provider-is-text",
    "catalog-is-text",
    "log-level-unknown",
    "log-format-unknown",
    "dialect-unknown",
    "workers-65",
    "retries-billion",
    "retries-negative",
    "weight-zero",
    "rpm-zero",
    "tpm-zero",
    "concurrency-zero",
    "inflight-zero",
    "unknown-in-limits",
    "aliases-is-text",
    "ignored-is-text",
    "duration-without-unit",
    "duration-quoted-without-unit",
    "duration-unknown-unit",
    "duration-negative",
    "size-without-unit",
    "size-unknown-unit",
    "inbound-key-empty",
    "inbound-key-missing",
    "inbound-name-missing",
    "key-and-keys",
    "key-and-file",
    "number-as-key-name",
    "base-url-ftp",
    "base-url-with-query",
    "base-url-with-password",
    "proxy-scheme",
    "chain-missing",
    "chain-empty",
    "chain-is-text",
    "chain-empty-tier",
    "chain-nested-tier",
    "chain-number",
    "model-name-with-two-spaces",
    "model-name-star-inside",
    "alias-star",
    "provider-name-bad",
    "listen-no-port",
)


def validator() -> Any:
    return jsonschema.Draft202012Validator(json_schema())


def document(path: Path) -> Any:
    return yaml.safe_load(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))


def test_the_file_is_generated_from_the_models() -> None:
    written = json.loads((ROOT / "config" / "g4f.schema.json").read_text("utf-8"))
    assert written == json_schema(), "run: g4fd schema > config/g4f.schema.json"


def test_it_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


def test_every_field_is_explained() -> None:
    schema = json_schema()
    for section in (schema, *schema["$defs"].values()):
        for name, field in section["properties"].items():
            assert field.get("description") or "$ref" in json.dumps(field), name


@pytest.mark.parametrize("path", sorted((HERE / "good").glob("*.yaml")), ids=lambda path: path.stem)
def test_it_accepts_what_the_loader_accepts(path: Path) -> None:
    validator().validate(document(path))


@pytest.mark.parametrize("name", ["providers.yaml", "models.yaml"])
def test_it_accepts_the_catalog(name: str) -> None:
    validator().validate(document(ROOT / "g4f" / "catalog" / name))


@pytest.mark.parametrize("name", SHAPES)
def test_it_rejects_what_the_loader_rejects_for_its_shape(name: str) -> None:
    assert not validator().is_valid(document(HERE / "bad" / f"{name}.yaml"))

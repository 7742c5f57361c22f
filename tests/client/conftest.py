"""Files, providers and a machine without keys for the tests of the library."""

import pytest

from g4f.client.registry import REGISTERED


@pytest.fixture
def write(tmp_path):
    """`write(A=url, B=url)` is a file with one model, `m`, that these answer for in this order."""

    def file(**providers):
        rows = "".join(f"  {name}: {{base_url: '{url}'}}\n" for name, url in providers.items())
        path = tmp_path / "g4f.yaml"
        chain = ", ".join(f"{name}/up" for name in providers)
        path.write_text(f"defaults: {{retries: 0}}\nproviders:\n{rows}models:\n  m: {{chain: [{chain}]}}\n")
        return path

    return file


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    """No key of whoever runs the tests may be used."""
    for name in [name for name in __import__("os").environ if name.endswith(("_API_KEY", "_TOKEN")) or "G4F" in name]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def registry():
    """What a test registers is gone after it."""
    before = dict(REGISTERED)
    yield
    REGISTERED.clear()
    REGISTERED.update(before)

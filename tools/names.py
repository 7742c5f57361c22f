"""Write what is made of the catalog's YAML: `written.json`, which each start reads, and stubs of the names, by which
editors complete `g4f.models.` and `g4f.Provider.`.

`make names` runs it; a test fails while what it would write is not what is there.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from g4f import models
from g4f.client.earlier import earlier_models, earlier_names, retired
from g4f.client.handles import names
from g4f.config.load import load_catalog, read_catalog

HERE: Final = Path(__file__).parents[1] / "g4f" / "catalog"


def stubs() -> dict[str, str]:
    """The text of each stub, by the name of its file."""
    known = (*models.constants(), *earlier_models())
    constants = ["default", "default_vision", *(name for name in known if not name.startswith("_"))]
    gone = [name for name in earlier_names() if retired(name)]
    found = [(name, "type[CatalogProvider]") for name in {*names(), *earlier_names()} - {*gone}]
    found += [(name, "type[Retired]") for name in gone]
    return {
        "model_names.pyi": _stub(("from g4f.client.registry import Model",), ((name, "Model") for name in constants)),
        "provider_names.pyi": _stub(
            ("from g4f.client.earlier import Retired", "from g4f.client.providers import CatalogProvider"), found
        ),
    }


def written() -> str:
    """The text of `written.json`, a row a line. Raises ConfigError."""
    sections = [
        f'"{section}": {{\n' + ",\n".join(f"{json.dumps(name)}: {_compact(row)}" for name, row in rows.items()) + "\n}"
        for section, rows in read_catalog().items()
    ]
    return "{\n" + ",\n".join(sections) + "\n}\n"


def _compact(row: object) -> str:
    return json.dumps(row, separators=(",", ":"), ensure_ascii=False)


def main() -> int:
    (HERE / "written.json").write_text(written(), "utf-8")
    load_catalog.cache_clear()
    for name, text in stubs().items():
        (HERE / name).write_text(text, "utf-8")
    return 0


def _stub(imports: tuple[str, ...], named: Iterable[tuple[str, str]]) -> str:
    lines = sorted({f"{name}: {kind}" for name, kind in named}, key=lambda line: (line.lower(), line))
    return "\n".join(["# Written by `make names`.", *imports, "", *lines, ""])


if __name__ == "__main__":
    sys.exit(main())

"""Write `docs/reference/`: every public class and function of the library, from the docstrings in the code.

`make docs` runs it; a test fails while what it would write is not what is there.
"""

import inspect
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).parent / "reference"
#: The pages, and the modules on each.
PAGES = {
    "client": ("g4f.client.aio", "g4f.client.chat", "g4f.client.sync", "g4f.client.stream", "g4f.client.known"),
    "media": ("g4f.client.images", "g4f.client.audio", "g4f.client.texts", "g4f.image"),
    "answers": ("g4f.client.types",),
    "one-call": ("g4f.client.completion", "g4f.client.calling", "g4f.client.factory", "g4f.client.service"),
    "models": ("g4f.client.registry", "g4f.models"),
    "providers": (
        "g4f.providers.base_provider",
        "g4f.providers.retry_provider",
        "g4f.providers.response",
        "g4f.providers.prompts",
    ),
    "errors": ("g4f.errors",),
    "cookies": ("g4f.cookies",),
    "debug": ("g4f.debug",),
    "typing": ("g4f.typing",),
}


def pages() -> dict[str, str]:
    """The text of every page, by the name of its file."""
    made = {f"{name}.md": _page(name, modules) for name, modules in PAGES.items()}
    listed = "\n".join(f"- [{name}]({name}.md): " + ", ".join(f"`{m}`" for m in PAGES[name]) for name in PAGES)
    return {"README.md": f"# Reference\n\nGenerated from the code by `make docs`.\n\n{listed}\n", **made}


def main() -> int:
    HERE.mkdir(exist_ok=True)
    wanted = pages()
    for old in HERE.glob("*.md"):
        if old.name not in wanted:
            old.unlink()
    for name, text in wanted.items():
        (HERE / name).write_text(text, "utf-8")
    return 0


def _page(name: str, modules: tuple[str, ...]) -> str:
    parts = [f"# {name.capitalize()}", "Generated from the code by `make docs`."]
    for path in modules:
        module = import_module(path)
        parts += [f"## {path}", _doc(module)]
        for symbol, thing in _public(module):
            parts += list(_class(symbol, thing) if inspect.isclass(thing) else _function(symbol, thing, "###"))
    return "\n\n".join(part for part in parts if part) + "\n"


def _public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """The classes and functions of a module that are for others, in the order of the file."""
    for symbol, thing in vars(module).items():
        own = getattr(thing, "__module__", None) == module.__name__
        exported = symbol in getattr(module, "__all__", ())
        if not symbol.startswith("_") and (own or exported) and (inspect.isclass(thing) or inspect.isfunction(thing)):
            yield symbol, thing


def _class(symbol: str, thing: type) -> Iterator[str]:
    bases = [base.__name__ for base in thing.__bases__ if base is not object]
    yield f"### class `{symbol}`" + (f" ({', '.join(bases)})" if bases else "")
    if "__init__" in vars(thing) and not issubclass(thing, Exception | dict):
        yield f"```python\n{symbol}{_signature(thing)}\n```"
    yield _doc(thing)
    for name, member in vars(thing).items():
        function = getattr(member, "__func__", member)
        if name.startswith("_") or not _doc(function):
            continue
        if isinstance(member, property):
            yield f"**`{name}`**: {_doc(member)}"
        elif inspect.isfunction(function):
            yield from _function(name, function, "####")


def _function(name: str, function: Any, level: str) -> Iterator[str]:
    word = "async def" if inspect.iscoroutinefunction(function) else "def"
    yield f"{level} `{name}`"
    yield f"```python\n{word} {name}{_signature(function)}\n```"
    yield _doc(function)


def _signature(thing: Any) -> str:
    """The signature without `self`, and without the paths of modules."""
    text = str(inspect.signature(thing)).replace("(self, ", "(").replace("(self)", "()").replace("(cls, ", "(")
    text = re.sub(r"\b(?:[a-z_]\w*\.)+(?=[A-Z]\w*)", "", text.replace("(cls)", "()"))
    text = re.sub(r"<function (\S+) at 0x[0-9a-f]+>|<bound method (\S+) of .*?>>", r"\1\2", text)
    return text.replace("''", '""').replace("'", "")


def _doc(thing: Any) -> str:
    """The docstring that the thing itself has."""
    text = inspect.cleandoc(vars(thing).get("__doc__") or "") if hasattr(thing, "__dict__") else ""
    text = text or inspect.cleandoc(getattr(thing, "__doc__", None) or "") if not inspect.isclass(thing) else text
    return re.sub(r"(?m)^(    .*(?:\n(?:    .*|$))*)", lambda block: f"```text\n{_dedent(block[1])}\n```", text)


def _dedent(text: str) -> str:
    return inspect.cleandoc("\n" + text.rstrip())


if __name__ == "__main__":
    sys.exit(main())

"""The OpenAPI document as one page of HTML: no script, nothing from elsewhere, and a policy that would not let it."""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from html import escape
from typing import Any

import orjson

from g4f.api.openapi.document import document

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
details { border: 1px solid #8884; border-radius: 6px; margin: .4rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; }
code, pre { font: 14px/1.4 ui-monospace, monospace; }
pre { overflow-x: auto; }
td { padding: .1rem 1rem .1rem 0; vertical-align: top; }
td p { margin: 0; }
b { display: inline-block; min-width: 4rem; }
b.get { color: #1a7f37; } b.post { color: #0969da; } b.delete { color: #cf222e; }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
#: What the page may do: show its own style, and nothing else.
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@cache
def page() -> bytes:
    """The page."""
    api = document()
    operations = [
        _operation(method, path, told) for path, methods in api["paths"].items() for method, told in methods.items()
    ]
    shapes = [_shape(name, schema) for name, schema in api["components"]["schemas"].items()]
    title = f"{api['info']['title']} {api['info']['version']}"
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{escape(title)}</title><style>{_STYLE}</style>
<h1>{escape(title)}</h1>
<p>{escape(api["info"]["summary"])} <a href="/openapi.json">openapi.json</a></p>
<p>A key is sent as <code>Authorization: Bearer KEY</code>, <code>g4f-api-key: KEY</code> or
<code>x-api-key: KEY</code>.</p>
<h2>Endpoints</h2>
{"".join(operations)}
<h2>Shapes</h2>
{"".join(shapes)}
</html>
""".encode()


def _operation(method: str, path: str, told: Mapping[str, Any]) -> str:
    rows = [
        f"<tr><td>{escape(parameter['name'])}<td>{parameter['in']}<td>{escape(parameter.get('description', ''))}"
        for parameter in told["parameters"]
    ]
    taken = _contents("takes", told.get("requestBody", {}).get("content", {}))
    answers = [
        f"<tr><td>{status}<td>{escape(answer['description'])}<td>{_contents('', answer.get('content', {}))}"
        for status, answer in told["responses"].items()
    ]
    name = f'<b class="{method}">{method.upper()}</b> <code>{escape(path)}</code>'
    return (
        f"<details><summary>{name} {escape(told['summary'])}"
        f"</summary><table>{''.join(rows)}</table>{taken}<table>{''.join(answers)}</table></details>\n"
    )


def _contents(verb: str, content: Mapping[str, Any]) -> str:
    shown = [f"{escape(media)}: {_link(body['schema'])}" for media, body in content.items()]
    return f"<p>{verb} {', '.join(shown)}</p>" if shown else ""


def _link(schema: Mapping[str, Any]) -> str:
    name = escape(str(schema["$ref"]).rpartition("/")[2])
    return f'<a href="#{name}">{name}</a>'


def _shape(name: str, schema: Any) -> str:
    written = orjson.dumps(schema, option=orjson.OPT_INDENT_2).decode()
    title = f"<summary><code>{escape(name)}</code></summary>"
    return f'<details id="{escape(name)}">{title}<pre>{escape(written)}</pre></details>\n'

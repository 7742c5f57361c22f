"""Rules that the source itself has to keep: doors that exist once, and words that must not be used at all."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "g4f").rglob("*.py"))

#: What opens a connection to elsewhere, and the files that may: the two transports, and the command that asks a daemon.
_DIALS = {"create_connection", "open_connection", "ClientSession", "TCPConnector", "ProxyConnector", "urlopen"}
_MAY_DIAL = {
    "g4f/providers/direct.py",
    "g4f/providers/proxied.py",
}
#: OpenTelemetry's exporter brings its own client; the file says where it sends, and it follows no redirect or proxy.
_BRING_A_CLIENT = ("g4f/cli/", "g4f/meter/otlp.py")
_CLIENTS = {"requests", "httpx", "urllib3", "http.client", "urllib.request", "ftplib", "telnetlib", "smtplib"}
#: What turns text into a program or an object of its choice.
_RUNS_TEXT = {"eval", "exec", "compile", "__import__"}
_LOADS_CODE = {"pickle", "marshal", "shelve", "dill", "jinja2", "mako"}


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    yield name, node


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield module
                yield from (f"{module}.{alias.name}" for alias in names)


def parsed(path: Path) -> ast.AST:
    return ast.parse(path.read_text("utf-8"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_connections_are_opened_in_the_transports_alone(path: Path) -> None:
    tree = parsed(path)
    found = {called for called, _ in calls(tree)} & _DIALS
    assert not found or name(path) in _MAY_DIAL, "connections are opened by g4f/providers/transport.py and guard.py"
    assert not set(imports(tree)) & _CLIENTS or name(path).startswith(_BRING_A_CLIENT)


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_text_becomes_a_program(path: Path) -> None:
    tree = parsed(path)
    builtin = {node.func.id for _, node in calls(tree) if isinstance(node.func, ast.Name)}
    assert not builtin & _RUNS_TEXT
    assert not set(imports(tree)) & _LOADS_CODE


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_client_follows_redirects_or_believes_the_environment(path: Path) -> None:
    for _, call in calls(parsed(path)):
        for keyword in call.keywords:
            if keyword.arg in ("allow_redirects", "trust_env", "follow_redirects", "verify_ssl"):
                assert isinstance(keyword.value, ast.Constant)
                assert keyword.value.value is False or keyword.arg == "verify_ssl"


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_certificates_are_always_checked(path: Path) -> None:
    text = path.read_text("utf-8")
    for word in ("CERT_NONE", "check_hostname = False", "_create_unverified_context", "ssl=False", "verify=False"):
        assert word not in text


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_secret_is_taken_out_of_its_wrapping_into_text(path: Path) -> None:
    """`get_secret_value()` inside an f-string ends in a message sooner or later; a header is the one place for it."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.JoinedStr):
            assert "get_secret_value" not in ast.dump(node)

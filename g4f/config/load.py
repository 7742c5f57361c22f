"""From a file to a checked `Config`, or to every reason why not.

All or nothing: one problem refuses the whole file, and all problems of a file are reported at once, each as
`file:line:col: path.to.key: message` and none with a secret in it. Nothing outside the file is contacted.
"""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import orjson
from pydantic import ValidationError

from g4f.config import exposure, forms, keyfiles, references, refusals, tree
from g4f.config.gathered import with_gathered
from g4f.config.interpolate import interpolate
from g4f.config.parse import parse
from g4f.config.problem import Place, Problem, Refused, Report
from g4f.config.read import Read, Unreadable, decode, read_stable
from g4f.config.references import Surroundings
from g4f.config.schema import Config
from g4f.errors import ConfigError

if TYPE_CHECKING:
    from g4f.config.settings import Settings

MAX_BYTES: Final = 1024 * 1024

#: Tells the field types that a person wrote the value: a bare number is then refused for want of a unit.
_WRITTEN: Final = MappingProxyType({"written": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A configuration and where it comes from.

    `origins` maps key paths (`models.x.chain[0]`) to their places; `digest` is the SHA-256 (hex) over the
    file and every file it refers to, which are all in `files`; `contents` is what was read of them, keys included.
    """

    config: Config
    path: Path
    origins: Mapping[str, Place]
    digest: str
    warnings: tuple[Problem, ...]
    files: tuple[Path, ...]
    contents: Mapping[Path, bytes] = field(default_factory=dict, repr=False)


def load(
    path: Path, *, environ: Mapping[str, str], settings: "Settings | None" = None, read: Read = read_stable
) -> Loaded:
    """Read and check a file. Raises ConfigError with every problem. `read` is how files are read."""
    report = Report(str(path))
    try:
        content = read(path, limit=MAX_BYTES)
    except Unreadable as error:
        report.problem(None, "", str(error))
        raise ConfigError(report.in_order()) from None
    # What was handed over was checked by whoever read it.
    allow_writable = None if read is not read_stable else settings is not None and settings.allow_writable_config
    around = _surroundings(settings)
    return _load(content, path, path.parent, environ, around, report, read=read, allow_writable=allow_writable)


def load_text(
    content: str | bytes,
    *,
    name: str = "g4f.yaml",
    base: Path = Path(),
    environ: Mapping[str, str] = MappingProxyType({}),
    settings: "Settings | None" = None,
) -> Loaded:
    """Check a configuration that is not in a file. `base` is what `file:` paths are relative to."""
    report = Report(name)
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    return _load(raw, Path(name), base, environ, _surroundings(settings), report)


@cache
def load_catalog() -> Config:
    """The catalog: the layer under every user's file. Its rows are in `providers`, its models in `models`.

    What its YAML files say is read from `written.json`, which takes a fifth of the time; a test holds the two together.
    """
    content = resources.files("g4f.catalog").joinpath("written.json").read_bytes()
    return with_gathered(Config.model_validate(_with_tuples(orjson.loads(content)), context=_WRITTEN))


def _with_tuples(value: Any) -> Any:
    """JSON as `tree.plain` has it: what is a list there is a tuple here."""
    if isinstance(value, dict):
        return {name: _with_tuples(item) for name, item in value.items()}
    return tuple(map(_with_tuples, value)) if isinstance(value, list) else value


def read_catalog() -> dict[str, Any]:
    """What the catalog's YAML files say, checked, with its short forms written out. Raises ConfigError."""
    found: dict[str, Any] = {}
    for section in ("providers", "models"):
        name = f"{section}.yaml"
        content = resources.files("g4f.catalog").joinpath(name).read_bytes()
        around = Surroundings(catalog=found.get("providers", ()), now=time.time())
        report = Report(f"g4f/catalog/{name}")
        _load(content, Path(name), Path(), {}, around, report)
        found[section] = tree.plain(forms.expand(interpolate(_root(content, report), {}, report), report))[section]
    return found


def _surroundings(settings: "Settings | None") -> Surroundings:
    catalog = load_catalog().providers
    priced = frozenset(name for name, row in catalog.items() if row.prices)
    if settings is None:
        return Surroundings(catalog=catalog, now=time.time(), priced=priced)
    has_key = settings.api_key is not None
    return Surroundings(catalog=catalog, now=time.time(), listen=settings.listen, has_key=has_key, priced=priced)


def _load(
    content: bytes,
    path: Path,
    base: Path,
    environ: Mapping[str, str],
    around: Surroundings,
    report: Report,
    *,
    read: Read = read_stable,
    allow_writable: bool | None = None,
) -> Loaded:
    """`allow_writable` is None for a text that is in no file."""
    try:
        root = _root(content, report)
    except Refused:
        raise ConfigError(report.in_order()) from None
    expanded = forms.expand(interpolate(root, environ, report), report)
    root, keys = keyfiles.fill_in(expanded, base, report, read)
    config = _validated(root, report)
    references.check(root, around, report)
    if allow_writable is not None:
        exposure.check_exposure(path, root, report, allow_writable=allow_writable)
    if report.problems or config is None:
        raise ConfigError(report.in_order())
    return Loaded(
        config=config,
        path=path,
        origins=MappingProxyType(tree.places(root)),
        digest=_digest(content, keys),
        warnings=tuple(report.warnings),
        files=(path, *(file.path for file in keys)),
        contents=MappingProxyType({path: content, **{file.path: file.content for file in keys}}),
    )


def _root(content: bytes, report: Report) -> tree.Node:
    root = parse(_text(content, report), report)
    if tree.is_null(root) and not report.problems:
        report.problem(None, "", "says nothing; an empty configuration is written {}")
    if root is not None and not isinstance(root, tree.Mapping) and not report.problems:
        report.problem(root.place, "", "must be a mapping (key: value)")
    if not isinstance(root, tree.Mapping):
        raise Refused
    return root


def _text(content: bytes, report: Report) -> str:
    if len(content) > MAX_BYTES:
        report.problem(None, "", f"is larger than {MAX_BYTES:,} bytes")
        raise Refused
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        report.problem(None, "", "is UTF-16; save it as UTF-8")
        raise Refused
    try:
        return decode(content)
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8")
        place = Place(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        report.problem(place, "", "is not UTF-8; save the file as UTF-8")
        raise Refused from None


def _validated(root: tree.Node, report: Report) -> Config | None:
    try:
        return Config.model_validate(tree.plain(root), context=_WRITTEN)
    except ValidationError as error:
        refusals.note(error, root, report)
        return None


def _digest(content: bytes, read: tuple[keyfiles.KeyFile, ...]) -> str:
    """SHA-256 over each part with its length, so that no two lists of parts are alike."""
    whole = hashlib.sha256()
    for part in (content, *(file.content for file in read)):
        whole.update(len(part).to_bytes(8, "big"))
        whole.update(part)
    return whole.hexdigest()

"""From another program's file to a g4f.yaml that loads, with a note for each line that has no equivalent."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from g4f.config import tree
from g4f.config.assumed import AssumedEnvironment
from g4f.config.importing import foreign, g4f_routes, litellm
from g4f.config.importing.draft import Draft
from g4f.config.load import load_catalog, load_text
from g4f.config.problem import Problem, Refused, Report, in_order
from g4f.config.read import Unreadable, decode, read_stable
from g4f.errors import ConfigError

Source = Literal["g4f", "litellm"]
_CONVERTERS: Final = {"g4f": g4f_routes.convert, "litellm": litellm.convert}
_MAX_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Imported:
    """The new file's text, the notes about the old one, and the variables that the new one needs."""

    text: str
    notes: tuple[Problem, ...]
    variables: tuple[str, ...]


def convert(path: Path, source: Source | None = None) -> Imported:
    """Turn a file into a g4f.yaml. Which program it is of shows in its keys unless `source` says so.

    Raises ConfigError where it cannot be read, is of no program that is known, or nothing of it is left.
    """
    report = Report(str(path))
    try:
        root = foreign.read(decode(read_stable(path, limit=_MAX_BYTES)), report)
        converter = _CONVERTERS[source or _source(root, report)]
    except Unreadable as error:
        report.problem(None, "", str(error))
    except UnicodeDecodeError:
        report.problem(None, "", "is not UTF-8")
    except Refused:
        pass
    else:
        draft = Draft(source=path.name)
        converter(root, draft, load_catalog().providers, report)
        if draft.models:
            text = draft.text()
            load_text(text, name="the imported file", environ=AssumedEnvironment({}))
            return Imported(text, in_order(report.warnings), draft.needed())
        report.problem(root.place, "", "no model of this file can be served here")
        report.problems += report.warnings
    raise ConfigError(report.in_order())


def _source(root: tree.Node, report: Report) -> Source:
    models = tree.child(root, "models")
    if tree.child(root, "model_list") is not None:
        return "litellm"
    if isinstance(models, tree.Sequence):
        return "g4f"
    if isinstance(models, tree.Mapping) or tree.child(root, "providers") is not None:
        report.problem(root.place, "", "is a g4f.yaml already; g4fd check says whether it is good")
    else:
        report.problem(root.place, "", "is neither a LiteLLM config (model_list) nor one of g4f (models: a list)")
    raise Refused

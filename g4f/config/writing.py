"""Values as a g4f.yaml has them, for the commands that write one."""

import json
import re
from collections.abc import Mapping
from typing import Final

from g4f.config.scalars import Ambiguous, resolve

_PLAIN: Final = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./@+-]*")


def scalar(value: str) -> str:
    """A text as YAML: plain where nobody could read it as something else, in double quotes otherwise."""
    try:
        if _PLAIN.fullmatch(value) and resolve(value) == value:
            return value
    except Ambiguous:
        pass
    return json.dumps(value)


def flow(entries: Mapping[str, str]) -> str:
    """Entries on one line; the values are YAML already."""
    return "{" + ", ".join(f"{name}: {value}" for name, value in entries.items()) + "}"

"""The text of a first g4f.yaml, with a comment for everything that a beginner would ask. No secret is ever in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from g4f.config.writing import flow, scalar

_HEAD: Final = """\
# Written by `g4fd init`. Serve it with `g4fd --config {file}`; saving it reloads it, and a bad file changes nothing.
# `g4fd check` says what is wrong with a file, `g4fd schema` is for editors, docs/configuration.md explains every key.
server:
  listen: {listen}
"""
_NO_KEYS: Final = """\
  # keys:                        # who may come in; `g4fd keys new` makes one. An address beyond this machine needs them
  #   - {name: laptop, key: "sha256:..."}
"""
_MIDDLE: Final = """\
defaults:
  timeouts: {connect: 5s, first_token: 30s, idle: 60s, total: 10m}
  retries: 1                     # on the same target; then the next one of the chain
# Providers of the catalog are there by their names. Another one, such as any OpenAI-compatible server:
# providers:
#   Lab: {base_url: http://127.0.0.1:8000/v1}
models:
"""
_TAIL: Final = """\
catalog: true                    # also serve the catalog's models under their own names, through what has a key
"""


@dataclass(frozen=True, slots=True)
class Link:
    """A target of the first chain, and the comment beside it."""

    target: str
    comment: str


def starter(file: str, *, listen: str, keys: Sequence[tuple[str, str]], model: str, chain: Sequence[Link]) -> str:
    """The file. `keys` are names and `sha256:` digests; `model` is what clients ask for."""
    parts = [_HEAD.format(file=" ".join(file.split()), listen=scalar(listen))]
    if keys:
        parts.append("  keys:                          # who may come in; the key itself is not here\n")
        parts += [f"    - {flow({'name': scalar(name), 'key': scalar(digest)})}\n" for name, digest in keys]
    else:
        parts.append(_NO_KEYS)
    parts.append(_MIDDLE)
    parts.append(f"{f'  {scalar(model)}:':<32} # what clients ask for\n")
    parts.append(f"{'    chain:':<32} # tried in this order\n")
    parts += [f"{f'      - {scalar(link.target)}':<32} # {link.comment}\n" for link in chain]
    return "".join([*parts, _TAIL])

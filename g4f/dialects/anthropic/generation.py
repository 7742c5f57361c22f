"""What a Claude model accepts, read off its name: Anthropic refuses parameters that a generation has no use for.

Sources: https://docs.claude.com/en/docs/about-claude/models/migration-guide, .../build-with-claude/adaptive-thinking
and .../build-with-claude/structured-outputs.
"""

import re
from dataclasses import dataclass

#: `claude-sonnet-4-5-20250929`, `claude-3-7-sonnet-latest`, `anthropic/claude-opus-4.1`.
_VERSION = re.compile(r"claude-(?:[a-z]+-)?(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """`adaptive`: it thinks as much as an effort asks for, not up to a budget. `samples`: temperature, top_p and top_k
    may be set; `one_sampler`: only one of the first two. `fits_schemas`: `output_config.format` is known."""

    adaptive: bool = False
    samples: bool = True
    one_sampler: bool = False
    fits_schemas: bool = True


def generation(model: str) -> Generation:
    """What is known of a model; one that is not Claude is taken for what most are."""
    found = _VERSION.search(model.lower())
    if found is None:
        return Generation()
    version = (int(found.group(1)), int(found.group(2) or 0))
    return Generation(
        adaptive=version >= (4, 6),
        samples=version < (4, 7),
        one_sampler=version >= (4, 1),
        fits_schemas=version >= (4, 1),
    )

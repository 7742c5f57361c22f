"""The upstream side: one adapter for each provider, and the transport they share."""

import sys

from g4f.providers import prompts

#: What programs written for g4f know `prompts` by: `from g4f.providers.helper import format_prompt`.
helper = sys.modules[f"{__name__}.helper"] = prompts

"""Errors of Ollama's: a text, and the status, which says less than the text does."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from g4f.dialects.openai.errors import decode_error as decode_any
from g4f.dialects.openai.errors import failure_of_error
from g4f.exchange.failure import Failure, FailureKind


def decode_error(
    *, status: int, headers: Mapping[str, str], body: bytes, now: float, secrets: Collection[str]
) -> Failure:
    """The failure of an answer other than a good one."""
    return _refined(decode_any(status=status, headers=headers, body=body, now=now, secrets=secrets))


def failure_in_stream(error: Any, *, secrets: Collection[str]) -> Failure:
    """The failure of an error line within a 200."""
    return _refined(failure_of_error(error, secrets=secrets))


def _refined(failure: Failure) -> Failure:
    """`model "x" does not support tools` is a 400 to Ollama: another model of the chain may."""
    if failure.kind is FailureKind.BAD_REQUEST and "does not support" in failure.message:
        return replace(failure, kind=FailureKind.UNSUPPORTED)
    return failure

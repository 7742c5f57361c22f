"""The common ground of every mapping in the file: strict, frozen, and a null is not written."""

from typing import Any, Self, cast

from pydantic import BaseModel, ConfigDict, model_validator


class Section(BaseModel):
    """The common ground of every mapping in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_not_written(cls, value: Any) -> Any:
        if value is None:
            return {}
        if not isinstance(value, dict):
            return value
        known = cls.model_fields
        return {
            key: item
            for key, item in value.items()
            if item is not None or key not in known or known[key].is_required() or key in cls._keeps_null()
        }

    @classmethod
    def unwritten(cls) -> Self:
        """One of which nothing is written. Defaults need no validation, and so no validator, which would take a
        millisecond."""
        return cast(Self, cls.model_construct())

    @classmethod
    def _keeps_null(cls) -> frozenset[str]:
        """The fields for which an empty value is a mistake although they have a default."""
        return frozenset()

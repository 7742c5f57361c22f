"""The shapes of requests, as JSON Schema: made of the tables that the decoders check them by.

What is not in a shape is allowed all the same, for it goes on to the upstream; null stands for leaving a field out.
"""

from collections.abc import Mapping
from types import MappingProxyType

from g4f.api.openapi.words import COUNT, FLAG, NUMBER, OBJECT, TEXT, WHOLE, Schema, listed, one_of, or_null, record
from g4f.dialects.openai.operation import IMAGES, MAXIMAGES
from g4f.dialects.openai.request import FIELDS
from g4f.dialects.openai.shapes import SHAPES, Shape
from g4f.exchange.request import Operation

_MODEL: Schema = or_null(TEXT) | {"description": "Where it is not required: else the first that is for this."}
_FILE: Schema = {"type": "string", "format": "binary"}
_DATA: Schema = {"type": ["string", "object", "array"], "description": "As a `data:` URL, or several."}
#: What the decoders say of a field that is none, and the same for programs.
_WORDS: Mapping[str, Schema] = MappingProxyType(
    {
        "a string": TEXT,
        "an integer": WHOLE,
        "a number": NUMBER,
        "true or false": FLAG,
        "an object": OBJECT,
        "a list": {"type": "array"},
        "a string or an object": one_of(TEXT, OBJECT),
        "a string or a list": one_of(TEXT, listed(one_of(TEXT, OBJECT))),
        "a string or a list of them": one_of(TEXT, listed(TEXT)),
        "a list of strings or objects": listed(one_of(TEXT, OBJECT)),
        "a string, a list of strings, or a list of tokens": one_of(TEXT, listed(TEXT), listed(COUNT)),
    }
)
_ROUTING: Mapping[str, Schema] = MappingProxyType(
    {
        "provider": {"type": ["string", "null"], "description": "The only provider that is asked."},
        "proxy": {"type": ["string", "null"], "description": "A proxy of the configuration, by its name or its URL."},
    }
)
_MESSAGE = record({"role": TEXT}, content={"type": ["string", "array", "null"]})
_CHAT_ROUTING: Mapping[str, Schema] = {
    "provider": {"type": ["string", "object", "null"], "description": "The only provider that is asked."},
    "proxy": _ROUTING["proxy"],
    "conversation_id": {
        "type": ["string", "null"],
        "maxLength": 128,
        "pattern": "^[A-Za-z0-9._:@-]*$",
        "description": "Continues what was said under this id.",
    },
    "cache": or_null(record({}, **{"no-cache": FLAG, "no-store": FLAG})),
    "reasoning_names": {"enum": ["reasoning_content", "reasoning", "both", None]},
}


def _of(shape: Shape, operation: Operation, *, form: bool) -> Schema:
    """The body of an operation, as a form with files or as JSON, in which a file is a `data:` URL."""
    fields: dict[str, Schema] = {
        name: _WORDS[wanted] if name in shape.needed else or_null(_WORDS[wanted])
        for name, (_, wanted) in shape.fields.items()
    }
    if operation in IMAGES:
        fields["n"] = or_null({**WHOLE, "minimum": 1, "maximum": MAXIMAGES})
    files = dict.fromkeys(shape.files, _FILE if form else _DATA)
    needed = [*shape.needed, *([shape.needed_file] if shape.needed_file else [])]
    fields = {**fields, **files, **_ROUTING}
    if shape.names_model:
        needed.append("model")
        fields["model"] = TEXT
    else:
        fields["model"] = _MODEL
    required = {name: fields.pop(name) for name in needed}
    return record(required, **fields)


def _named(operation: Operation) -> str:
    return "".join(word.capitalize() for word in str(operation).split("-"))


REQUESTS: Mapping[str, Schema] = MappingProxyType(
    {
        "ChatRequest": record(
            {"messages": {**listed(_MESSAGE), "minItems": 1}},
            model={"type": ["string", "null"], "description": "Required where the configuration has no default."},
            stop={"type": ["string", "array", "null"], "items": TEXT},
            **{name: or_null(_WORDS[wanted]) for name, (_, wanted) in FIELDS.items()},
            **_CHAT_ROUTING,
        ),
        "ResponseRequest": record(
            {"input": one_of(TEXT, listed(OBJECT))},
            model=or_null(TEXT),
            instructions=or_null(TEXT),
            previous_response_id=or_null(TEXT),
            stream=or_null(FLAG),
            store=or_null(FLAG),
            max_output_tokens=or_null(COUNT),
            temperature=or_null(NUMBER),
            top_p=or_null(NUMBER),
            tools=or_null(listed(OBJECT)),
            **_ROUTING,
        ),
        "MessageRequest": record(
            {"messages": {**listed(record({"role": TEXT, "content": one_of(TEXT, listed(OBJECT))})), "minItems": 1}},
            model=or_null(TEXT),
            max_tokens=COUNT,
            system=one_of(TEXT, listed(OBJECT)),
            stream=FLAG,
            temperature=NUMBER,
            tools=listed(OBJECT),
        ),
        "OllamaChat": record({"model": TEXT, "messages": listed(_MESSAGE)}, stream=FLAG, options=OBJECT),
        "OllamaPrompt": record({"model": TEXT}, prompt=TEXT, system=TEXT, stream=FLAG, options=OBJECT),
        "OllamaModel": record({"model": TEXT}),
        "OllamaTexts": record({"model": TEXT, "input": one_of(TEXT, listed(TEXT))}, dimensions=COUNT),
        "OllamaText": record({"model": TEXT, "prompt": TEXT}),
        "GeminiRequest": record({}, contents=listed(record({}, role=TEXT, parts=listed(OBJECT)))),
        **{f"{_named(operation)}Request": _of(shape, operation, form=False) for operation, shape in SHAPES.items()},
        **{
            f"{_named(operation)}Form": _of(shape, operation, form=True)
            for operation, shape in SHAPES.items()
            if shape.takes_form
        },
    }
)

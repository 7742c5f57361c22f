"""JSON values against schemas: what is understood is held to, and nothing is refused for what is not."""

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g4f.dialects.json_shape import mismatch

PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "age": {"type": ["integer", "null"]},
        "kind": {"enum": ["a", "b"]},
        "children": {"type": "array", "items": {"$ref": "#"}},
        "home": {"anyOf": [{"$ref": "#/$defs/place"}, {"type": "null"}]},
    },
    "required": ["name"],
    "additionalProperties": False,
    "$defs": {"place": {"type": "object", "properties": {"city": {"const": "Oslo"}}, "required": ["city"]}},
}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"name": "x", "age": 1, "kind": "a", "children": [{"name": "y"}], "home": {"city": "Oslo"}}, None),
        ({"name": "x", "age": None, "home": None}, None),
        ([], "$ is not object"),
        ({}, "$.name is missing"),
        ({"name": "x", "age": True}, "$.age is not integer or null"),
        ({"name": "x", "age": 1.5}, "$.age is not integer or null"),
        ({"name": "x", "kind": "c"}, "$.kind is none of its values"),
        ({"name": "x", "more": 1}, "$.more must not be there"),
        ({"name": "x", "children": [{"name": 1}]}, "$.children[0].name is not string"),
        ({"name": "x", "home": {"city": "Rome"}}, "$.home.city is not its only value"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(value, said):
    assert mismatch(value, PERSON) == said


@pytest.mark.parametrize(
    "schema", [{"$ref": "#/nowhere"}, {"$ref": "#"}, {"type": "soup"}, {"minimum": 5}, {"type": 3}]
)
def test_a_schema_that_says_nothing_refuses_nothing(schema):
    assert mismatch({"a": 1}, schema) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["a", "b", "Oslo"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "age", "kind", "children", "home", "city"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_it_agrees_with_the_standard(value):
    assert (mismatch(value, PERSON) is None) == jsonschema.Draft202012Validator(PERSON).is_valid(value)

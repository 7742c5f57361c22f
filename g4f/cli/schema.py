"""`g4fd schema`: the JSON Schema of g4f.yaml, for editors."""

import json

from g4f.config.jsonschema import json_schema


def print_schema() -> int:
    """Print the schema; returns the exit code."""
    print(json.dumps(json_schema(), indent=2))
    return 0

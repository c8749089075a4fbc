"""Tidies an OpenAPI document: no titles made up from names, no nulls where nobody can send one, nothing unused."""

import json
import re
from typing import Any

_LITERAL = frozenset({"example", "examples", "default", "const", "enum", "mapping"})
"""Members whose values are data and no schemas."""
_NAMED = frozenset({"properties", "patternProperties", "schemas", "responses", "headers", "paths", "content"})
"""Members whose keys are names."""
_BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})


def tidy(document: dict[str, Any]) -> dict[str, Any]:
    """A document without what its reader does not need. What describes the service itself stays as it is."""
    return {**document, **{part: _tidied(document[part], names=part == "paths") for part in ("paths", "components")}}


def _tidied(node: Any, *, names: bool = False) -> Any:
    if isinstance(node, list):
        return [_tidied(each) for each in node]
    if not isinstance(node, dict):
        return node
    if not names:
        node = {key: value for key, value in node.items() if not (key == "title" and isinstance(value, str))}
        if node.get("in") in ("query", "header", "path") and "schema" in node:
            node = {**node, "schema": never_null(node["schema"])}
    return {
        key: value
        if key in _LITERAL and not names
        else int(value)
        if key in _BOUNDS and isinstance(value, float) and value.is_integer()
        else _tidied(value, names=key in _NAMED and not names)
        for key, value in node.items()
    }


def never_null(schema: dict[str, Any]) -> dict[str, Any]:
    """What may be left out where there is no way to send null: in an address, a header, a form."""
    options = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if len(options) != 1 or len(options) == len(schema["anyOf"]):
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**rest, **options[0]}


def without_the_unused(document: dict[str, Any]) -> dict[str, Any]:
    """A document with only those components that something refers to."""
    components: dict[str, dict[str, Any]] = document["components"]
    while True:
        text = json.dumps({**document, "components": components})
        used = set(re.findall(r'"#/components/(\w+/[\w.-]+)"', text))
        kept = {
            section: {
                name: value
                for name, value in entries.items()
                if section == "securitySchemes" or f"{section}/{name}" in used
            }
            for section, entries in components.items()
        }
        if kept == components:
            return {**document, "components": components}
        components = kept

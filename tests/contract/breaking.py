"""What of a contract a client may rest on, and which changes of it would break one.

A contract is compared as it is told: operations, parameters, bodies and answers, with every reference followed. What
goes must have been marked as deprecated in the contract that was released before.
"""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
DEEPEST = 12


class Contract:
    """A document, with its references followed."""

    def __init__(self, document: Schema) -> None:
        self.document = document
        self.operations = {
            (method, path): operation
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        }

    def resolved(self, node: Schema) -> Schema:
        while "$ref" in node:
            section, name = node["$ref"].split("/")[-2:]
            node = self.document["components"][section][name]
        return node


def breaks(before: Schema, now: Schema) -> list[str]:
    """Each change by which a client of the contract before would break, in words."""
    old, new = Contract(before), Contract(now)
    return list(_operations(old, new))


def _operations(old: Contract, new: Contract) -> Iterator[str]:
    for key, operation in old.operations.items():
        name = f"{key[0].upper()} {key[1]}"
        if key not in new.operations:
            if not (operation.get("deprecated") and "sunset" in operation.get("x-deprecation", {})):
                yield f"{name} is gone, and was not deprecated"
            continue
        after = new.operations[key]
        if operation["operationId"] != after["operationId"]:
            yield f"{name} is called {after['operationId']} now: clients have it as a method's name"
        yield from _parameters(old, new, name, operation, after)
        yield from _request(old, new, name, operation, after)
        yield from _answers(old, new, name, operation, after)
        if operation.get("security") != after.get("security") and {} in operation.get("security", []):
            yield f"{name} needs credentials now"


def _parameters(old: Contract, new: Contract, name: str, before: Schema, after: Schema) -> Iterator[str]:
    known = {(each["in"], each["name"]): each for each in before.get("parameters", ())}
    told = {(each["in"], each["name"]): each for each in after.get("parameters", ())}
    for key, parameter in known.items():
        if key not in told:
            if not parameter.get("deprecated"):
                yield f"{name}: the parameter {key[1]} is gone"
        else:
            yield from _taken(old, new, f"{name}: {key[1]}", parameter["schema"], told[key]["schema"])
    for key, parameter in told.items():
        if parameter.get("required") and not known.get(key, {}).get("required"):
            yield f"{name}: the parameter {key[1]} must be given now"


def _request(old: Contract, new: Contract, name: str, before: Schema, after: Schema) -> Iterator[str]:
    known, told = before.get("requestBody", {}), after.get("requestBody", {})
    if told.get("required") and not known.get("required"):
        yield f"{name}: a body must be sent now"
    for media, content in known.get("content", {}).items():
        if media not in told.get("content", {}):
            yield f"{name}: {media} is taken no longer"
        else:
            yield from _taken(old, new, f"{name}: body", content["schema"], told["content"][media]["schema"])


def _answers(old: Contract, new: Contract, name: str, before: Schema, after: Schema) -> Iterator[str]:
    for status, response in before["responses"].items():
        if status.startswith("2") and status not in after["responses"]:
            yield f"{name}: {status} is answered no longer"
            continue
        if status not in after["responses"]:
            continue
        told = new.resolved(after["responses"][status])
        for media, content in old.resolved(response).get("content", {}).items():
            if media not in told.get("content", {}):
                yield f"{name}: {status} does not come as {media} any more"
            elif "schema" in content:
                where = f"{name}: {status}"
                yield from _given(old, new, where, content["schema"], told["content"][media]["schema"])


def _taken(old: Contract, new: Contract, where: str, before: Schema, after: Schema, depth: int = 0) -> Iterator[str]:
    """What clients send: it must be taken as before."""
    before, after = old.resolved(before), new.resolved(after)
    if depth > DEEPEST:
        return
    yield from _values_taken(where, before, after)
    known, told = before.get("properties", {}), after.get("properties", {})
    for field, schema in known.items():
        if field not in told:
            if after.get("additionalProperties") is False and not schema.get("deprecated"):
                yield f"{where}: the field {field} is taken no longer"
        else:
            yield from _taken(old, new, f"{where}/{field}", schema, told[field], depth + 1)
    for field in sorted(set(after.get("required", ())) - set(before.get("required", ()))):
        yield f"{where}: the field {field} must be sent now"
    if "items" in before and "items" in after:
        yield from _taken(old, new, f"{where}/0", before["items"], after["items"], depth + 1)


def _values_taken(where: str, before: Schema, after: Schema) -> Iterator[str]:
    if "enum" in before and "enum" in after and (gone := set(map(str, before["enum"])) - set(map(str, after["enum"]))):
        yield f"{where}: {', '.join(sorted(gone))} is taken no longer"
    if _types(before) - _types(after) and _types(after):
        yield f"{where}: {', '.join(sorted(_types(before) - _types(after)))} is taken no longer"
    for bound, tighter in (
        ("maxLength", min),
        ("maxItems", min),
        ("maximum", min),
        ("minLength", max),
        ("minimum", max),
    ):
        if bound in after and (bound not in before or tighter(before[bound], after[bound]) != before[bound]):
            yield f"{where}: {bound} is {after[bound]} now"


def _given(old: Contract, new: Contract, where: str, before: Schema, after: Schema, depth: int = 0) -> Iterator[str]:
    """What clients read: it must be there as before."""
    before, after = old.resolved(before), new.resolved(after)
    if depth > DEEPEST:
        return
    yield from _values_given(where, before, after)
    yield from _fields_given(old, new, where, before, after, depth)
    if "items" in before and "items" in after:
        yield from _given(old, new, f"{where}/0", before["items"], after["items"], depth + 1)
    for one, other in _alternatives(before, after):
        yield from _given(old, new, where, one, other, depth + 1)


def _values_given(where: str, before: Schema, after: Schema) -> Iterator[str]:
    gone = set(map(str, before.get("enum", ()))) - set(map(str, after.get("enum", ())))
    if "enum" in after and gone:
        yield f"{where}: {', '.join(sorted(gone))} comes no longer"
    if before.get("const") != after.get("const"):
        yield f"{where}: {before.get('const')} is {after.get('const')} now"
    if _types(after) - _types(before) and _types(before):
        yield f"{where}: may be {', '.join(sorted(_types(after) - _types(before)))} now"


def _fields_given(old: Contract, new: Contract, where: str, before: Schema, after: Schema, depth: int) -> Iterator[str]:
    told = after.get("properties", {})
    for field, schema in before.get("properties", {}).items():
        if field in told:
            yield from _given(old, new, f"{where}/{field}", schema, told[field], depth + 1)
        elif not schema.get("deprecated"):
            yield f"{where}: the field {field} is gone"
    for field in before.get("required", ()):
        if field in told and field not in after.get("required", ()):
            yield f"{where}: the field {field} may be missing now"


def _alternatives(before: Schema, after: Schema) -> Iterator[tuple[Schema, Schema]]:
    """Those of several that are called the same. One that comes no longer breaks nobody."""
    told = {each.get("$ref"): each for each in after.get("oneOf", ())}
    for each in before.get("oneOf", ()):
        if each.get("$ref") in told:
            yield each, told[each["$ref"]]


def _types(schema: Schema) -> set[str]:
    if "anyOf" in schema:
        return {kind for each in schema["anyOf"] for kind in _types(each) or {each.get("$ref", "")}}
    kinds = schema.get("type", ())
    return {kinds} if isinstance(kinds, str) else set(kinds)

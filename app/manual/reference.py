"""The OpenAPI document as people read it: operations by their tag, each with what it takes and what it answers."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from markupsafe import Markup

from app.kernel.problems import Problem
from app.manual.prose import rendered
from app.manual.shapes import Field, Shapes

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value in the path, the query or a header field."""

    where: str
    field: Field
    example: str


@dataclass(frozen=True, slots=True)
class Body:
    """What a request carries."""

    media_type: str
    schema: str | None
    fields: list[Field]
    example: str

    @property
    def is_form(self) -> bool:
        return self.media_type == "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Answer:
    """What may come back, with one status."""

    status: str
    description: Markup
    media_types: list[str]
    schema: str | None
    problems: list[str]
    example: str


@dataclass(frozen=True, slots=True)
class OperationShown:
    """One operation."""

    id: str
    method: str
    path: str
    summary: str
    description: Markup
    deprecated: bool
    parameters: list[Parameter]
    body: Body | None
    answers: list[Answer]

    @property
    def parts(self) -> list[str]:
        """The path, cut so that it may break after each slash."""
        return re.findall(r"/[^/]*", self.path)

    @property
    def streams(self) -> bool:
        return any("text/event-stream" in answer.media_types for answer in self.answers)


@dataclass(frozen=True, slots=True)
class Group:
    """The operations of one tag."""

    name: str
    description: Markup
    operations: list[OperationShown]

    @property
    def id(self) -> str:
        return f"tag-{re.sub(r'[^a-z0-9]+', '-', self.name.lower()).strip('-')}"


@dataclass(frozen=True, slots=True)
class SchemaShown:
    """A named schema, with its fields, or the values that it may have."""

    name: str
    description: Markup
    type: str
    fields: list[Field]


class Reference:
    """All of a document, ready for a template."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.shapes = Shapes(document)
        self.version = str(document["info"]["version"])
        self._document = document
        self._parameters = document.get("components", {}).get("parameters", {})
        self._responses = document.get("components", {}).get("responses", {})

    @cached_property
    def groups(self) -> list[Group]:
        """The tags in their order, those that the document does not describe at the end."""
        told = {tag["name"]: str(tag.get("description", "")) for tag in self._document.get("tags", ())}
        by_tag: dict[str, list[OperationShown]] = {name: [] for name in told}
        for tag, operation in self._operations():
            by_tag.setdefault(tag, []).append(operation)
        return [
            Group(name, rendered(told.get(name, ""), inline=True), those) for name, those in by_tag.items() if those
        ]

    @cached_property
    def schemas(self) -> list[SchemaShown]:
        """The named schemas by name; a problem's own are told on its page."""
        return [
            SchemaShown(
                name, rendered(str(schema.get("description", ""))), self._kind(schema), self.shapes.fields(schema)
            )
            for name, schema in sorted(self.shapes.named.items())
        ]

    def _kind(self, schema: Mapping[str, Any]) -> str:
        shown = self.shapes.type_of(schema)
        return "" if shown.words == "object" else shown.words

    def _operations(self) -> Iterator[tuple[str, OperationShown]]:
        for path, there in self._document["paths"].items():
            for method in METHODS:
                if method in there:
                    operation = there[method]
                    yield next(iter(operation.get("tags", ())), "Other"), self._shown(path, method, operation)

    def _shown(self, path: str, method: str, operation: Mapping[str, Any]) -> OperationShown:
        identifier = operation["operationId"]
        return OperationShown(
            identifier,
            method.upper(),
            path,
            str(operation.get("summary", identifier)),
            _beyond_the_summary(operation),
            bool(operation.get("deprecated")),
            [self._parameter(each) for each in operation.get("parameters", ())],
            self._body(operation.get("requestBody")),
            [self._answer(status, each) for status, each in sorted(operation["responses"].items())],
        )

    def _parameter(self, given: Mapping[str, Any]) -> Parameter:
        whole = self._parameters[given["$ref"].rsplit("/", 1)[-1]] if "$ref" in given else given
        described = {**whole.get("schema", {}), **_only(whole, "description")}
        field = self.shapes.field(whole["name"], described, required=bool(whole.get("required")))
        example = whole.get("example", _first_value(whole.get("examples")))
        if example is None and whole.get("schema", {}).get("examples"):
            example = whole["schema"]["examples"][0]
        return Parameter(whole["in"], field, "" if example is None else str(example))

    def _body(self, given: Mapping[str, Any] | None) -> Body | None:
        if not given or not given.get("content"):
            return None
        media_type, content = next(iter(given["content"].items()))
        schema = content.get("schema", {})
        example = content.get("example", _first_value(content.get("examples")))
        if example is None:
            example = self.shapes.sample(schema)
        return Body(
            media_type,
            self.shapes.type_of(schema).schema,
            self.shapes.fields(schema),
            "" if example is None else _shown(example),
        )

    def _answer(self, status: str, given: Mapping[str, Any]) -> Answer:
        whole = self._responses[given["$ref"].rsplit("/", 1)[-1]] if "$ref" in given else given
        content = whole.get("content", {})
        media_types = list(content)
        body = content[media_types[0]] if media_types else {}
        schema = self.shapes.type_of(body["schema"]).schema if "schema" in body else None
        example = body.get("example", _first_value(body.get("examples")))
        description = str(whole.get("description", ""))
        named = [name for name in re.findall(r"`([a-z0-9-]+)`", description) if name in Problem.known]
        if status.startswith(("4", "5")):
            named += [name for name in body.get("examples", {}) if name in Problem.known]
        return Answer(
            status,
            rendered(description, inline=True),
            media_types,
            schema,
            list(dict.fromkeys(named)),
            "" if example is None else _shown(example),
        )


def _beyond_the_summary(operation: Mapping[str, Any]) -> Markup:
    """The description, unless it says no more than the summary does."""
    description = str(operation.get("description", ""))
    first, _, rest = description.partition("\n\n")
    same = first.strip().rstrip(".") == str(operation.get("summary", "")).rstrip(".")
    return rendered(rest if same else description)


def _only(mapping: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: mapping[key] for key in keys if key in mapping}


def _first_value(examples: Any) -> Any:
    """The first of an object of examples, as OpenAPI has them."""
    if not isinstance(examples, Mapping):
        return None
    return next((each.get("value") for each in examples.values() if isinstance(each, Mapping)), None)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)

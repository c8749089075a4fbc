"""Links (OpenAPI 3.1): what can be done next with what an operation made, and where a list goes on.

They follow from the names: what makes a `RegistrationOut` gives the `registration_id` of the operations below it.
"""

import re
from typing import Any

Schema = dict[str, Any]
_PARAMETER = re.compile(r"\{(\w+)\}")


def linked(schema: Schema) -> None:
    """Adds the links to a document."""
    by_parameter: dict[str, list[str]] = {}
    for path, methods in schema["paths"].items():
        names = _PARAMETER.findall(path)
        if len(names) == 1:
            by_parameter.setdefault(names[0], []).extend(each["operationId"] for each in methods.values())
    for methods in schema["paths"].values():
        for method, operation in methods.items():
            for status, response in operation["responses"].items():
                shown = _shown(response)
                links = {}
                if method == "post" and status in ("200", "201", "202"):
                    links = _onwards(shown, by_parameter)
                if status == "200" and any(each["name"] == "cursor" for each in operation.get("parameters", ())):
                    links = {"next_page": _page_after(operation)}
                if links:
                    response["links"] = links


def _shown(response: Schema) -> str:
    reference = response.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
    return str(reference).rpartition("/")[2]


def _onwards(shown: str, by_parameter: dict[str, list[str]]) -> Schema:
    words = re.findall("[A-Z][a-z]*", shown.removeprefix("New").removesuffix("Out"))
    for start in range(len(words)):
        name = "_".join(word.lower() for word in words[start:]) + "_id"
        if name in by_parameter:
            return {
                operation: {"operationId": operation, "parameters": {name: "$response.body#/id"}}
                for operation in by_parameter[name]
            }
    return {}


def _page_after(operation: Schema) -> Schema:
    given = {
        each["name"]: f"$request.{each['in']}.{each['name']}"
        for each in operation["parameters"]
        if each["in"] in ("path", "query") and each["name"] not in ("cursor", "limit")
    }
    return {
        "operationId": operation["operationId"],
        "parameters": {**given, "cursor": "$response.body#/next_cursor"},
        "description": "While `next_cursor` is not null.",
    }

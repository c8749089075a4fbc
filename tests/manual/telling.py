"""Guides taken at their word: their commands are sent to a sandbox, and its answers compared with what they say.

The convention: a `sh` block that begins with `curl` is one or more requests. A `json` block after it is the body of the
last answer, an `http` block its status line and header fields, a `csv` or `text` block its text; a request whose answer
is not shown succeeds. A `csv` block with a name is a file that a later request sends. `…` stands for what is left out:
a value, the other members of an object (`"…": "…"`), the rest of a list, other lines.
"""

import json
import re
import shlex
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from app.manual.provoking import ORIGIN

ELIDED = "…"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ANSWERS = ("json", "http", "csv", "text")
WIDTH = 100
Files = dict[str, str]
Send = Callable[[httpx.Request], httpx.Response]
Hear = Callable[[str, str, httpx.Response], str]
"""Is told of each answer that is shown: its language, its text and the real one; says what shall stand there."""


def tell(text: str, send: Send, hear: Hear) -> str:
    """Sends all requests of a guide, in order; answers with the guide as `hear` has it."""
    answer: httpx.Response | None = None
    shown, position = True, 0
    files: Files = {}
    while block := BLOCK.search(text, position):
        position = block.end()
        language, name, content = block.groups()
        if name:
            files[name] = content
        elif language == "sh" and content.startswith("curl "):
            _must_have_succeeded(answer, shown=shown)
            answer, shown = _last(requests(content, files), send), False
        elif language in ANSWERS:
            assert answer is not None, f"an answer to nothing: {content}"
            said, shown = hear(language, content, answer), True
            text = f"{text[: block.start(3)]}{said}{text[block.end(3) :]}"
            position += len(said) - len(content)
    _must_have_succeeded(answer, shown=shown)
    return text


def _last(wanted: Iterator[httpx.Request], send: Send) -> httpx.Response:
    answer = None
    for each in wanted:
        _must_have_succeeded(answer, shown=False)
        answer = send(each)
    assert answer is not None
    return answer


def _must_have_succeeded(answer: httpx.Response | None, *, shown: bool) -> None:
    """Whatever was answered, where the guide shows it."""
    if answer is not None and not shown:
        assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"


def requests(commands: str, files: Files) -> Iterator[httpx.Request]:
    """The requests of `curl` commands with the few options that guides use."""
    words = shlex.split(re.sub(r"\\\n\s*", " ", commands), comments=True)
    starts = [number for number, word in enumerate(words) if word == "curl"]
    for start, end in zip(starts, [*starts[1:], len(words)], strict=True):
        yield _request(words[start + 1 : end], files)


def _request(words: list[str], files: Files) -> httpx.Request:
    method, url, content = None, "", None
    headers: dict[str, str] = {}
    parts: list[tuple[str, Any]] = []
    rest = iter(words)
    for word in rest:
        if word == "-X":
            method = next(rest)
        elif word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value
        elif word == "-d":
            content = next(rest).encode()
        elif word == "-F":
            name, _, value = next(rest).partition("=")
            parts.append((name, (value[1:], files[value[1:]].encode()) if value.startswith("@") else (None, value)))
        elif word not in ("-i", "-s", "-N", "--max-time", "3"):
            assert word.startswith(f"{ORIGIN}/"), word
            url = word
    if content is not None:
        assert "Content-Type" in headers, "curl would call it a form"
    chosen = method or ("POST" if content is not None or parts else "GET")
    return httpx.Request(chosen, url, headers=headers, content=content, files=parts or None)


def projected(template: Any, actual: Any) -> Any:
    """What is there, with as much left out as in `template`."""
    if template == ELIDED:
        return ELIDED
    if isinstance(template, dict) and isinstance(actual, dict):
        kept = {key: projected(value, actual.get(key, "MISSING")) for key, value in template.items() if key != ELIDED}
        if ELIDED in template:
            return {**kept, ELIDED: ELIDED}
        return {**kept, **{key: value for key, value in actual.items() if key not in template}}
    if isinstance(template, list) and isinstance(actual, list):
        shown = [each for each in template if each != ELIDED]
        items = [projected(one, other) for one, other in zip(shown, actual, strict=False)]
        return [*items, ELIDED] if ELIDED in template else [*items, *actual[len(shown) :]]
    return actual


def as_said(language: str, said: str, answer: httpx.Response) -> str:
    """What a guide should say of this answer, leaving out what it leaves out."""
    if language == "json":
        return pretty(projected(json.loads(said), answer.json())) + "\n"
    if language == "http":
        return _head(said.splitlines(), answer)
    return _lines(said.splitlines(), answer.text.splitlines())


def _head(said: list[str], answer: httpx.Response) -> str:
    lines = [f"{answer.status_code} {answer.reason_phrase}"]
    for line in said[1:]:
        name, _, value = line.partition(": ")
        lines.append(f"{name}: {ELIDED if value == ELIDED else answer.headers.get(name, 'MISSING')}")
    return "\n".join(lines) + "\n"


def _lines(said: list[str], there: list[str]) -> str:
    """Lines that are there stay; a line of `…` stands for any others."""
    if ELIDED not in said:
        return "\n".join(there) + "\n"
    return "\n".join(line for line in said if line == ELIDED or line in there) + "\n"


def pretty(value: Any, indent: int = 0) -> str:
    """JSON for people: what fits in a line stands in one."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= WIDTH or not isinstance(value, (dict, list)) or not value:
        return flat
    inner, outer = " " * (indent + 2), " " * indent
    if isinstance(value, dict):
        lines = [f"{json.dumps(key, ensure_ascii=False)}: {pretty(each, indent + 2)}" for key, each in value.items()]
        return f"{{\n{inner}" + f",\n{inner}".join(lines) + f"\n{outer}}}"
    return f"[\n{inner}" + f",\n{inner}".join(pretty(each, indent + 2) for each in value) + f"\n{outer}]"

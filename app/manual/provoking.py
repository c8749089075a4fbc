"""How each problem is brought about in a sandbox that has just been reset: for its page, and for the test of it.

`provoking.json` has, for each problem's name, the requests to send; the last one is answered with the problem.
"""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from app.sandbox import credentials

ORIGIN = "http://127.0.0.1:8000"
"""Where the pages say that the sandbox is: the demo's own address."""
SECRETS = {each.role: each.secret for each in credentials.ALL}


@dataclass(frozen=True, slots=True)
class Step:
    """One request. `role` is whose key it is sent with, None for nobody's.

    What it carries is one of: `body`, sent as JSON; `text`, sent as it stands; `blanks`, so many spaces; `form`, fields
    of a form, of which a file is given by its text in `files`. `long_header` is the length of a field besides. `raw`
    are the bytes of a request that no HTTP client would send, on a connection that then waits.
    """

    words: str
    method: str = "GET"
    path: str = "/"
    role: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    text: str | None = None
    blanks: int = 0
    long_header: int = 0
    form: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    raw: str | None = None

    @property
    def sent_headers(self) -> dict[str, str]:
        """All header fields: the credential's and the body's too, unless the step gives its own."""
        headers = {"Authorization": f"Bearer {SECRETS[self.role]}"} if self.role else {}
        if self.body is not None or self.text is not None or self.blanks:
            headers["Content-Type"] = "application/json"
        return {**headers, **self.headers}

    @property
    def content(self) -> bytes | None:
        """The body's bytes, None when there is none, or it is a form."""
        if self.body is not None:
            return json.dumps(self.body, ensure_ascii=False).encode()
        if self.text is not None:
            return self.text.encode()
        return b" " * self.blanks if self.blanks else None

    @property
    def shell(self) -> str:
        """The request as a line for a shell, with `curl` (or, for what it would not send, `nc`)."""
        if self.raw is not None:
            host, port = ORIGIN.removeprefix("http://").split(":")
            return f"(printf {shlex.quote(_escaped(self.raw))}; sleep 35) | nc {host} {port}"
        lines = ["curl" if self.method == "GET" else f"curl -X {self.method}"]
        lines[0] += f" {shlex.quote(ORIGIN + self.path)}"
        lines += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in self.sent_headers.items()]
        if self.long_header:
            lines.append(f"-H \"X-Long: $(head -c {self.long_header} /dev/zero | tr '\\0' a)\"")
        lines += [f"-F {shlex.quote(f'{name}={value}')}" for name, value in self.form.items()]
        lines += [f"-F '{name}=@-;filename=sheet.csv'" for name in self.files]
        return self._before() + " \\\n  ".join(lines + self._data())

    def _before(self) -> str:
        """What is piped into the command."""
        if self.blanks:
            return f"head -c {self.blanks} /dev/zero | tr '\\0' ' ' | "
        return "".join(f"printf {shlex.quote(_escaped(text))} | " for text in self.files.values())

    def _data(self) -> list[str]:
        if self.blanks:
            return ["--data-binary @-"]
        return [f"-d {shlex.quote(self.content.decode())}"] if self.content is not None else []


@cache
def steps_by_problem() -> Mapping[str, tuple[Step, ...]]:
    """The requests for each problem's name."""
    given = json.loads(files("app.manual").joinpath("provoking.json").read_text(encoding="utf-8"))
    return {name: tuple(_step(each) for each in steps) for name, steps in given.items()}


def _step(given: Mapping[str, Any]) -> Step:
    """A step as the file has it, where `request` is the method and the path, and `as` the role."""
    rest = {key: value for key, value in given.items() if key not in ("request", "as")}
    method, _, path = given.get("request", "GET /").partition(" ")
    return Step(method=method, path=path, role=given.get("as"), **rest)


def _escaped(text: str) -> str:
    """Text as `printf` takes it."""
    return text.replace("\\", "\\\\").replace("%", "%%").replace("\r", "\\r").replace("\n", "\\n")

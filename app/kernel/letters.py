"""Letters: what is to be told by mail, written once and laid out twice, as plain text and as HTML that say the same."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

_TEMPLATES = Environment(
    loader=PackageLoader("app.kernel", "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph."""

    text: str
    kind: Literal["prose"] = field(default="prose", init=False)


@dataclass(frozen=True, slots=True)
class Button:
    """Something to follow: a label and an address."""

    label: str
    address: str
    kind: Literal["button"] = field(default="button", init=False)


@dataclass(frozen=True, slots=True)
class Code:
    """Something to copy, with a word about it."""

    label: str
    code: str
    kind: Literal["code"] = field(default="code", init=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one person."""

    to: str
    subject: str
    text: str
    html: str

    def packed(self) -> bytes:
        """The letter as bytes, to be kept until it is sent."""
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def unpacked(cls, packed: bytes) -> "Letter":
        return cls(**json.loads(packed))


def letter(*, to: str, subject: str, parts: Sequence[Prose | Button | Code]) -> Letter:
    """Lays a letter out. It needs no pictures and nothing from elsewhere, and keeps to the reader's own colours."""
    text, html = (
        _TEMPLATES.get_template(f"letter.{form}").render(subject=subject, parts=parts) for form in ("txt", "html")
    )
    return Letter(to, subject, text.strip() + "\n", html)

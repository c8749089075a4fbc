"""Markdown as HTML: what operations, problems and guides say. It comes from this package, never from a request."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import count

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

ANSWERS = ("json", "http", "csv", "text")
LABELS = {"sh": "Shell", "python": "Python", "ts": "TypeScript", "js": "JavaScript", **dict.fromkeys(ANSWERS, "Answer")}


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a text, for its table of contents."""

    level: int
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text as HTML, with its headings."""

    title: str
    html: Markup
    headings: tuple[Heading, ...]


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def rendered(text: str, *, inline: bool = False) -> Markup:
    """A short text as HTML; `inline` for one that stands in a line of its own."""
    html = _markdown().renderInline(text) if inline else _markdown().render(text)
    return _safe(html)


def document(text: str) -> Text:
    """A whole text: the title is its first heading, each further one can be linked to, code can be copied."""
    tokens = _markdown().parse(text)
    title = ""
    headings = []
    for number, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        words = tokens[number + 1].content
        level = int(token.tag[1])
        if level == 1:
            title = words
        else:
            token.attrSet("id", slug(words))
            headings.append(Heading(level, slug(words), words.replace("`", "")))
    tables = count(1)
    html = "".join(_block(token, tables) for token in tokens)
    return Text(title, _safe(html), tuple(headings))


def _block(token: Token, tables: Iterator[int]) -> str:
    if token.type == "fence":
        return _code(token)
    if token.type == "table_open":
        return f'<div class="table" role="region" aria-label="Table {next(tables)}" tabindex="0"><table>\n'
    if token.type == "table_close":
        return "</table></div>\n"
    return str(_markdown().renderer.render([token], _markdown().options, {}))


def _code(token: Token) -> str:
    language, _, name = token.info.strip().partition(" ")
    label = name or LABELS.get(language, "Code")
    kind = "code answer" if language in ANSWERS and not name else "code"
    body = f'<pre tabindex="0" aria-label="{label}"><code>{escape(token.content, quote=False)}</code></pre>'
    return f'<figure class="{kind}"><figcaption>{label}</figcaption>{body}</figure>\n'


def slug(words: str) -> str:
    """A heading's words as an id."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def _safe(html: str) -> Markup:
    return Markup(html)  # noqa: S704  # the parser escapes whatever is HTML in the text

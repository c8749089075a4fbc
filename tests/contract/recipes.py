"""The guide's recipes for clients, to be tried as they stand there."""

from pathlib import Path

import app.manual
from app.manual.provoking import ORIGIN
from tests.manual.telling import BLOCK

_GUIDE = Path(app.manual.__file__).parent / "guides" / "clients.md"


def recipe(language: str, *, at: str, containing: str = "") -> str:
    """The one block in a language (that has some words in it), for a service at another address than the guide's."""
    blocks = [found[3] for found in BLOCK.finditer(_GUIDE.read_text(encoding="utf-8")) if found[1] == language]
    (found,) = [block for block in blocks if containing in block]
    return found.replace(ORIGIN, at)

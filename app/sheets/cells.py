"""What people write into a cell to say something plain: nothing at all, an address, a list, yes or no, a formula."""

import re
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from app.kernel.fields import Email
from app.people.rules import KeyStage, folded

_NOTHING = frozenset(
    {"", "-", "--", "n/a", "na", "n.a.", "none", "no", "nil", "nothing", "not applicable", "/", ".", "x", "no thanks"}
)
_NO_ADDRESS = _NOTHING | {"no email", "no e-mail", "unknown", "tbc", "?", "none known"}
_FORMULA = re.compile(r"\s*(?:=\s*\S|[+\-@][^\s(|!]*(?:[(|]|!\w))")
_EMAIL: TypeAdapter[str] = TypeAdapter(Email)
_DECISIONS = {
    **dict.fromkeys(("yes", "y", "accepted", "accept", "true", "1", "ok", "\u2713", "\u2714"), "yes"),
    **dict.fromkeys(("no", "n", "declined", "decline", "false", "0", "rejected", "not this year", "\u2717"), "no"),
    **dict.fromkeys(
        ("", "waiting", "wait", "maybe", "pending", "?", "tbc", "undecided", "reserve", "waitlist"), "waiting"
    ),
}
_KEY_STAGES = {
    **{folded(stage): stage for stage in KeyStage},
    **{f"key stage {number}": KeyStage(f"KS{number}") for number in range(1, 6)},
    **{f"ks {number}": KeyStage(f"KS{number}") for number in range(1, 6)},
    **dict.fromkeys(("early years", "reception", "nursery", "ey", "foundation", "foundation stage"), KeyStage.EYFS),
}


def one_line(cell: str) -> str:
    """A cell's text in one line, without what cannot be seen."""
    return " ".join("".join(" " if _unseen(character) else character for character in cell).split())


def several_lines(cell: str) -> str:
    """A cell's text with its line breaks kept, and without other control characters."""
    lines = cell.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(one_line(line) for line in lines).strip()


def _unseen(character: str) -> bool:
    return ord(character) < 32 or character in "\x7f\ufeff\u200b\u2060"


def said(cell: str) -> str | None:
    """What a free-text cell says, None when it says that there is nothing to say ("none", "N/A", "-")."""
    text = several_lines(cell)
    return None if folded(text) in _NOTHING else text


def looks_like_a_formula(cell: str) -> bool:
    """Whether a spreadsheet program would compute this cell rather than show it."""
    return _FORMULA.match(cell) is not None


@dataclass(frozen=True, slots=True)
class Address:
    """An e-mail cell: the address, or nothing, or something that is none with what was perhaps meant."""

    email: str | None
    mistyped: bool = False
    perhaps: str = ""


def read_address(cell: str) -> Address:
    """The address in a cell. One that cannot be right is not mended, but what was perhaps meant is told."""
    text = one_line(cell)
    if folded(text) in _NO_ADDRESS:
        return Address(None)
    bracketed = re.search(r"<([^<>\s]+@[^<>\s]+)>", text)
    text = (bracketed[1] if bracketed else text).removeprefix("mailto:")
    email = _valid(text)
    if email is not None:
        return Address(email)
    mended = re.sub(r"\s*[\[({]\s*at\s*[\])}]\s*|\s+at\s+", "@", text, flags=re.IGNORECASE)
    local, at, domain = mended.replace(" ", "").partition("@")
    perhaps = _valid(f"{local}{at}{domain.replace(',', '.').strip('.')}") or ""
    return Address(None, mistyped=True, perhaps=perhaps)


def _valid(text: str) -> str | None:
    try:
        return _EMAIL.validate_python(text)
    except ValidationError:
        return None


def listed(cell: str) -> list[str]:
    """The entries of a cell that lists things with semicolons or line breaks, each once."""
    parts = (one_line(part) for part in re.split(r"[;\r\n]+", cell))
    return list(dict.fromkeys(part for part in parts if part and folded(part) not in _NOTHING))


def read_key_stages(cell: str) -> tuple[list[str], list[str]]:
    """The key stages in a cell, in their order, and the entries that are none."""
    entries = [entry.strip() for entry in re.split(r"[;,\n]+", one_line(cell)) if entry.strip()]
    read = {_KEY_STAGES[folded(entry)] for entry in entries if folded(entry) in _KEY_STAGES}
    unknown = [entry for entry in entries if folded(entry) not in _KEY_STAGES and folded(entry) not in _NOTHING]
    return [str(stage) for stage in KeyStage if stage in read], unknown


def read_decision(cell: str) -> str | None:
    """ "yes", "no" or "waiting"; None for a word that is none of these."""
    return _DECISIONS.get(folded(cell).rstrip(".!"))


def read_table(cell: str) -> int | None:
    """The number of a table in a cell that has one ("4", "Table 4", "4.0"). Raises `ValueError` for other text."""
    text = folded(cell)
    if text in _NOTHING or text in ("tbc", "?"):
        return None
    found = re.fullmatch(r"(?:table|no\.?|#)?\s*(\d{1,4})(?:\.0+)?", text)
    if found is None:
        raise ValueError("not a table's number")
    return int(found[1])

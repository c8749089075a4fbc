"""JSON read strictly (RFC 8259, RFC 7493): what two parsers could read differently is refused, with the place.

The common case costs one call of the standard parser; places are looked for only once something is known to be wrong.
"""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.kernel.problems import Fault, InvalidRequest, MalformedBody

LARGEST_INTEGER = 2**63 - 1
LARGEST_EXACT = 2**53
"""Up to here every integer has a floating-point number of its own."""
_SUSPICIOUS_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


@dataclass(frozen=True, slots=True)
class _Unusable:
    """Stands in the parsed document where a value was that cannot be used."""

    why: str


class _Twice(dict[str, Any]):
    """An object in which a name occurs more than once."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class _Suspicion:
    """The parser's hooks: they put a stand-in where a value cannot be used, and remember that there is one."""

    def __init__(self) -> None:
        self.aroused = False

    def unusable(self, why: str) -> _Unusable:
        self.aroused = True
        return _Unusable(why)

    def pairs(self, found: list[tuple[str, Any]]) -> dict[str, Any]:
        kept = dict(found)
        if len(kept) == len(found):
            return kept
        self.aroused = True
        names = [name for name, _ in found]
        return _Twice(next(name for name in names if names.count(name) > 1))

    def integer(self, digits: str) -> int | _Unusable:
        if len(digits) > 20 or abs(value := int(digits)) > LARGEST_INTEGER:
            return self.unusable("the number is out of range")
        return value

    def real(self, digits: str) -> float | _Unusable:
        """A number is an integer by its value, however it is written: JSON has one kind of number only."""
        value = float(digits)
        if abs(value) <= LARGEST_EXACT and value.is_integer():
            return int(value)
        return value if math.isfinite(value) else self.unusable("the number is out of range")

    def constant(self, name: str) -> _Unusable:
        return self.unusable(f"{name} is not JSON")


def parse(body: bytes) -> Any:
    """The document in `body`.

    Raises `MalformedBody` when it is no JSON text at all, and `InvalidRequest` with a pointer to each duplicate name,
    NaN, number out of range, lone surrogate and NUL character.
    """
    suspicion = _Suspicion()
    try:
        document = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=suspicion.pairs,
            parse_int=suspicion.integer,
            parse_float=suspicion.real,
            parse_constant=suspicion.constant,
        )
    except UnicodeDecodeError as error:
        raise _malformed(f"The body is not UTF-8 (byte {error.start}).") from None
    except json.JSONDecodeError as error:
        raise _malformed(f"Not JSON at line {error.lineno}, column {error.colno}: {error.msg}.") from None
    except RecursionError:
        raise _malformed("The body nests too deeply.") from None
    if suspicion.aroused or _SUSPICIOUS_ESCAPE.search(body):
        faults = list(_faults(document))
        if faults:
            raise InvalidRequest("The body has values that cannot be used.", errors=faults[:50])
    return document


def _malformed(detail: str) -> MalformedBody:
    return MalformedBody(detail, errors=[Fault(detail, pointer="")])


def pointer(*parts: str | int) -> str:
    """An RFC 6901 JSON pointer."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _faults(document: Any) -> Iterator[Fault]:
    stack: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, _Unusable):
            yield Fault(value.why, pointer=pointer(*path))
        elif isinstance(value, _Twice):
            yield Fault("the name occurs more than once", pointer=pointer(*path, _printable(value.name)))
        elif isinstance(value, str):
            if why := _unusable_text(value):
                yield Fault(why, pointer=pointer(*path))
        elif isinstance(value, list):
            stack += [((*path, index), each) for index, each in enumerate(value)]
        elif isinstance(value, dict):
            for name, each in value.items():
                if why := _unusable_text(name):
                    yield Fault(f"a name in this object: {why}", pointer=pointer(*path))
                else:
                    stack.append(((*path, name), each))


def _unusable_text(text: str) -> str | None:
    if "\0" in text:
        return "the text has a NUL character"
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "the text has a lone surrogate, which is not Unicode"
    return None


def _printable(name: str) -> str:
    return name.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")[:100]

"""A Wonde on loopback: approved schools, their staff in envelopes, and those who vanished."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.listener import Call, Listener, answer, listening

TOKEN = "wonde-token-of-the-hub"
Row = dict[str, Any]


def when(written: str) -> Row:
    """A date as Wonde writes it."""
    return {"date": written, "timezone_type": 3, "timezone": "UTC"}


def employee(number: int, **more: Any) -> Row:
    """A member of staff, with all that is nobody's business here."""
    return {
        "id": f"A{number}",
        "upi": f"upi{number}",
        "mis_id": str(number),
        "forename": "Ada",
        "surname": f"Byrne-{number}",
        "legal_forename": "Adelaide-the-legal-name",
        "gender": "gender-of-somebody",
        "date_of_birth": when("1980-01-01 00:00:00.000000"),
        "restored_at": None,
        "updated_at": when("2026-09-05 14:21:15.000000"),
        "employment_details": {
            "data": {
                "current": True,
                "teaching_staff": True,
                "role_text": "Class teacher",
                "teacher_number": "teacher-number-7654321",
                "employee_payroll_number": "payroll-1",
            }
        },
        "contact_details": {"data": {"emails": {"work": f"ada{number}@larkspur.example", "home": "home@a.example"}}},
        **more,
    }


def approved(number: int, **more: Any) -> Row:
    """A school that has approved the connection."""
    return {
        "id": f"A19{number}",
        "name": f"School {number}",
        "urn": 990_000 + number,
        "la_code": "202",
        "establishment_number": f"{2_900 + number}",
        **more,
    }


@dataclass(slots=True)
class Wonde:
    """What it holds, how it behaves, and what was asked of it."""

    schools: list[Row] = field(default_factory=lambda: [approved(1), approved(2)])
    staff: dict[str, list[Row]] = field(default_factory=dict)
    deletions: dict[str, list[Row]] = field(default_factory=dict)
    per_page: int = 50
    failing: Callable[[Call], tuple[str, bytes] | None] | None = None
    next_page: Callable[[str], str] | None = None
    listener: Listener = field(default_factory=Listener)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.port}"

    @property
    def asked(self) -> list[str]:
        """The addresses that were asked for, in order."""
        return [unquote(call.path) for call in self.listener.calls]

    async def reply(self, call: Call, writer: asyncio.StreamWriter) -> None:
        """Answers a request."""
        status, body = (self.failing and self.failing(call)) or self._answer(call)
        await answer(body, status)(call, writer)

    def _answer(self, call: Call) -> tuple[str, bytes]:
        parts = urlsplit(call.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if call.header("authorization") != f"Bearer {TOKEN}":
            return "401 Unauthorized", b'{"error": "wrong"}'
        match [part for part in parts.path.split("/") if part]:
            case ["v1.0", "schools"]:
                rows = self.schools
            case ["v1.0", "schools", school, "employees"]:
                assert asked["include"] == "employment_details,contact_details"
                rows = [row for row in self.staff.get(school, []) if self._is_newer(row, asked)]
            case ["v1.0", "schools", school, "deletions"]:
                assert asked["type"] == "employee"
                rows = self.deletions.get(school, [])
            case _:
                return "404 Not Found", b"{}"
        number = int(asked.get("page", 1))
        page = rows[(number - 1) * self.per_page : number * self.per_page]
        more = number * self.per_page < len(rows)
        others = "&".join(f"{name}={value}" for name, value in asked.items() if name != "page").replace(" ", "%20")
        following = f"{self.url}{parts.path}?{others}&page={number + 1}" if more else None
        if following and self.next_page:
            following = self.next_page(following)
        pagination = {"next": following, "previous": None, "more": more, "per_page": 50, "current_page": number}
        return "200 OK", json.dumps({"data": page, "meta": {"pagination": pagination}}).encode()

    def _is_newer(self, row: Row, asked: dict[str, str]) -> bool:
        return "updated_after" not in asked or row["updated_at"]["date"] > asked["updated_after"]


@asynccontextmanager
async def wonde(**data: Any) -> AsyncIterator[Wonde]:
    """A Wonde with this in it, for as long as the block lasts."""
    there = Wonde(**data)
    async with listening(there.reply) as listener:
        there.listener = listener
        yield there

"""Every command in the guides is sent to the sandbox, and every answer in them is what comes back."""

import httpx
import pytest

from app.manual.guides import BY_NAME
from app.manual.provoking import ORIGIN
from tests.manual.telling import BLOCK, as_said, projected, requests, tell
from tests.support.server import ROOT


def at(wanted: httpx.Request, client: httpx.Client) -> httpx.Request:
    """The same request at the sandbox of this test."""
    url = str(wanted.url).removeprefix(ORIGIN)
    headers = {name: value for name, value in wanted.headers.items() if name != "host"}
    return client.build_request(wanted.method, url, headers=headers, content=wanted.read())


@pytest.mark.parametrize("name", BY_NAME)
def test_a_guide_says_what_happens(fresh: httpx.Client, name: str) -> None:
    text = BY_NAME[name].source
    heard = []

    def hear(language: str, said: str, answer: httpx.Response) -> str:
        heard.append(answer)
        now = as_said(language, said, answer)
        assert said == now, f"{answer.request.method} {answer.request.url}; see tests/manual/refresh.py"
        return now

    assert tell(text, lambda wanted: fresh.send(at(wanted, fresh)), hear) == text
    assert len(heard) >= 2


def test_an_answer_that_is_not_so_is_noticed() -> None:
    said = {"status": "confirmed", "teacher": {"name": "Ash", "…": "…"}, "tables": [1, "…"]}
    there = {"status": "confirmed", "teacher": {"name": "Ash", "id": 7}, "tables": [1, 2, 3]}
    assert projected(said, there) == said
    assert projected(said, {**there, "status": "waitlisted"}) != said
    assert projected(said, {**there, "teacher": {"id": 7}}) != said
    assert projected(said, {**there, "more": 1}) != said
    assert projected({**said, "tables": [1]}, there) != {**said, "tables": [1]}


@pytest.mark.parametrize("name", BY_NAME)
def test_a_guide_is_well_formed(name: str) -> None:
    text = BY_NAME[name].source
    assert text.startswith("# ")
    assert text.count("```") % 2 == 0
    assert len(list(BLOCK.finditer(text))) == text.count("\n```") / 2, "a block without its language"


def test_the_readme_ends_in_a_first_registration(fresh: httpx.Client) -> None:
    blocks = [found[3] for found in BLOCK.finditer((ROOT / "README.md").read_text())]
    (curl,) = [block for block in blocks if block.startswith("curl ")]
    (wanted,) = requests(curl, {})
    answer = fresh.send(at(wanted, fresh))
    assert (answer.status_code, answer.json()["status"]) == (201, "confirmed")

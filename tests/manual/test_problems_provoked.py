"""Every documented problem is provoked the way its page says, from the very data that the page is made of."""

import html
import re

import httpx
import pytest

from app.kernel.problems import Problem
from app.manual.problem_pages import DIALECTS, cause_and_cure
from app.manual.provoking import steps_by_problem
from tests.manual.provoked import carried_out
from tests.support.refusals import refused

STEPS = steps_by_problem()


def test_there_is_a_way_to_every_problem() -> None:
    assert STEPS.keys() == Problem.known.keys()


@pytest.mark.parametrize("slug", sorted(Problem.known))
def test_a_problem_is_provoked_as_its_page_says(fresh: httpx.Client, slug: str) -> None:
    *before, last = STEPS[slug]
    for step in before:
        answer = carried_out(step, fresh)
        assert answer.is_success, f"{step.words} {answer.status_code} {answer.text}"
    answer = carried_out(last, fresh)
    if slug in DIALECTS:
        assert answer.status_code == Problem.known[slug].status
        assert slug.replace("-", "_") in answer.text
    else:
        refused(answer, slug)
    assert fresh.get("/health/ready").status_code == 200


@pytest.mark.parametrize("slug", sorted(Problem.known))
def test_a_problem_tells_its_cause_and_its_cure(slug: str) -> None:
    cause, cure = cause_and_cure(Problem.known[slug])
    assert len(cause) > 20
    assert len(cure) > 10
    assert cause.endswith(".")
    assert cure.endswith(".")


def test_the_pages_show_the_requests_that_are_sent(calling: httpx.Client) -> None:
    whole = calling.get("/docs/errors").text
    for slug, steps in STEPS.items():
        page = calling.get(f"/problems/{slug}").text
        for step in steps:
            assert html.escape(step.shell, quote=True).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page
        assert f'id="{slug}"' in whole
    assert whole.count("<figure") == sum(len(steps) for steps in STEPS.values())
    assert not re.search(r"tm_(?!sandbox)", whole), "only the keys that everybody may know"

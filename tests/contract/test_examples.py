"""Every example of the document is asked again, in a fresh sandbox, and answered as it says.

`TEACHMEET_RECORD=1` writes anew what has changed.
"""

import json
import os
from collections.abc import Iterator

import httpx
import pytest

from tests.contract.recording import EXAMPLES, Recorder, file_of, written
from tests.contract.scenario import NOT_SHOWN, TRIES

RECORD = os.environ.get("TEACHMEET_RECORD") == "1"
SHARES = 8


@pytest.fixture(scope="module")
def recorder(sandbox_server: str) -> Iterator[Recorder]:
    with httpx.Client(base_url=sandbox_server, timeout=30) as client:
        yield Recorder(client)


@pytest.mark.parametrize("share", range(SHARES))
def test_examples_are_true(recorder: Recorder, share: int) -> None:
    shown = sorted(recorder.paths.keys() - NOT_SHOWN.keys())[share::SHARES]
    for operation in shown:
        now = written(recorder.examples(operation))
        if RECORD:
            EXAMPLES.mkdir(exist_ok=True)
            file_of(operation).write_text(now, encoding="utf-8")
        assert file_of(operation).exists(), f"no examples of {operation}: name it in tests/contract/scenario.py, record"
        assert json.loads(now) == json.loads(file_of(operation).read_text(encoding="utf-8")), operation


def test_every_operation_has_examples(recorder: Recorder) -> None:
    assert NOT_SHOWN.keys() - recorder.paths.keys() == set()
    assert TRIES.keys() - recorder.paths.keys() == set()
    recorded = {path.stem for path in EXAMPLES.glob("*.json")} - {"problems"}
    assert recorded == recorder.paths.keys() - NOT_SHOWN.keys()

"""What libraries log takes this service's form too, and their errors' messages, which name values, are left out."""

import json
import logging

import pytest
import structlog

from app.kernel.logs import configure_logs

PERSON = "s.penhaligon@larkspur.example"


def test_a_librarys_exception_names_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.handlers, root.level
    try:
        configure_logs("info")
        try:
            int(PERSON)
        except ValueError:
            logging.getLogger("asyncio").exception("Task exception was never retrieved")
        logged = capsys.readouterr().err
    finally:
        structlog.reset_defaults()
        root.handlers, root.level = before
    entry = json.loads(logged)
    assert PERSON not in logged
    assert "ValueError" in entry["exception"]

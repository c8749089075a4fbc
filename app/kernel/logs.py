"""Structured logs: one JSON object a line on standard error. Never a body, a query or a person."""

import logging
import sys
import traceback
from typing import Any

import structlog


def configure_logs(level: str) -> None:
    """Sets up logging for the whole process; the libraries' own logs take the same form."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, _place_of_failure, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                _place_of_failure,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(logging.getLevelNamesMapping()[level.upper()], logging.WARNING))
    for name in ("uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
    # Requests are logged by this service itself, without addresses and queries.
    access = logging.getLogger("uvicorn.access")
    access.handlers, access.propagate = [], False


def _place_of_failure(_logger: Any, _name: str, entry: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """An exception as the kinds of errors and the lines they passed. Their messages are left out: a database's names
    the values that it refused, and those are people's."""
    given = entry.pop("exc_info", None)
    if not given:
        return entry
    parts: list[str] = []
    error = given[1] if isinstance(given, tuple) else sys.exc_info()[1]
    while error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        parts += [type(error).__qualname__, *(f"  {each.filename}:{each.lineno} {each.name}" for each in frames)]
        error = error.__cause__ or error.__context__
    return {**entry, "exception": "\n".join(parts)}

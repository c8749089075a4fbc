"""`academicSessions.csv`: nothing here needs it, so it is only judged."""

from app.mis.reading.dates import read_british_date, read_date
from app.mis.reading.oneroster_csv.columns import SESSION_TYPES
from app.mis.reading.oneroster_csv.context import Context
from app.mis.reading.oneroster_csv.standing import read_id, read_standing
from app.mis.reading.oneroster_csv.tables import Line, Table
from app.mis.reading.oneroster_csv.words import EXTENSION, YEAR


def judge_sessions(table: Table | None, context: Context) -> None:
    """Tells what is wrong with the academic sessions of a package."""
    if table is None:
        return
    for number, cells in table.rows():
        _judge(table.line(number, cells), context, bulk=table.is_bulk)


def _judge(line: Line, context: Context, *, bulk: bool) -> None:
    session_id = read_id(line, "sourcedId", context)
    if session_id is None or read_standing(line, context, bulk=bulk, of=None) is None:
        return
    for column in ("startDate", "endDate"):
        if read_date(line[column]) is None:
            reason = f"{column} is not a date as YYYY-MM-DD."
            if not read_british_date(line[column]):
                context.found.reject(line.place, "bad-date", reason, field=column)
                return
            if not context.lenient(line.place, "date-form", reason, field=column):
                return
    kind = line["type"]
    faults = {
        "title": not line["title"],
        "type": kind not in SESSION_TYPES and not (context.version == "1.2" and EXTENSION.fullmatch(kind)),
        "schoolYear": not YEAR.fullmatch(line["schoolYear"]),
    }
    for column in (name for name, wrong in faults.items() if wrong):
        code = "bad-value" if line[column] else "missing-value"
        context.found.reject(line.place, code, f"{column} is not as OneRoster has it.", field=column)
        return

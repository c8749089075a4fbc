"""The numbers 1…N as rows, on both databases: many rows are made by one statement."""

from sqlalchemy import CTE, Integer, literal, select


def numbers_up_to(most: int) -> CTE:
    """A table with one column, `number`, of 1…`most` (at least 1)."""
    first = select(literal(1, Integer).label("number")).cte("numbers", recursive=True)
    return first.union_all(select(first.c.number + 1).where(first.c.number < most))

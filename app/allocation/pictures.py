"""Pictures of a plan as SVG, readable in print and by screen readers: how alike all are served, how full tables are.

Pure functions of the figures. Nothing is fetched: fonts are the reader's own, colours are greys and one blue that stay
apart in black and white, and every cell has its numbers in words.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape

from app.allocation.solving.figures import Figures, Slot
from app.allocation.solving.problem import Id

INK, PALE, RULE, BLUE = "#1a1a1a", "#5c5c5c", "#c8c8c8", "#1f4e8c"
FONT = "font-family=\"system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif\""
LONGEST_LABEL = 34
Points = Sequence[tuple[float, float]]


def satisfaction_curve(
    figures: Figures, *, title: str = "How alike everybody is served", beside: Figures | None = None
) -> str:
    """A curve like Lorenz's: the people from the least to the most satisfied, and their share of all granted wishes.

    The straight line is everybody served alike. `beside` is another plan, dashed, such as first come, first served."""
    left, top, side = 74, 66, 400
    parts = [
        *_frame(left, top, side),
        _line([(left, top + side), (left + side, top)], PALE, "1", dashes="2 4"),
        _text(left + side * 0.44, top + side * 0.5, "everybody alike", size=13, colour=PALE, anchor="end"),
    ]
    if beside is not None:
        parts.append(_line(_on_paper(beside.curve, left, top, side), INK, "1.6", dashes="7 4"))
    parts.append(_line(_on_paper(figures.curve, left, top, side), BLUE, "2.6"))
    lines = [("this plan", figures, BLUE, ""), *([("first come, first served", beside, INK, "7 4")] if beside else [])]
    for number, (name, one, colour, dashes) in enumerate(lines):
        y = top + side + 76 + 44 * number
        parts.append(_line([(left, y - 5), (left + 34, y - 5)], colour, "2.4", dashes=dashes))
        parts.append(_text(left + 44, y, name, size=14))
        parts.append(_text(left + 44, y + 19, in_words(one), size=13, colour=PALE))
    told = "; ".join(f"{name}: {in_words(one)}" for name, one, _, _ in lines)
    return _svg(620, top + side + 64 + 44 * len(lines), title, told, parts)


def in_words(figures: Figures) -> str:
    """The picture in one line, for those who hear it."""
    return (
        f"{figures.first_choice} of {figures.with_wishes} got their first choice, {figures.any_wish} any wish;"
        f" fewest wishes: {figures.worst_off}, for {len(figures.worst_off_attendees)}"
    )


def heat_map(
    figures: Figures,
    *,
    tables: Callable[[Id], str] = str,
    rounds: Callable[[Id], str] = str,
    title: str = "How full the tables are",
) -> str:
    """Table by table and round by round: people of seats, the fuller the darker; hatched where the table is closed."""
    names, columns = _in_order(slot.table for slot in figures.slots), _in_order(slot.round for slot in figures.slots)
    left, top, width, height = 270, 96, max(44, min(86, 440 // max(1, len(columns)))), 26
    parts = [_HATCH]
    for number, each in enumerate(columns):
        label = _short(rounds(each), max(3, width // 8))
        parts.append(_text(left + width * (number + 0.5), top - 10, label, size=13, anchor="middle"))
    row, column = {each: i for i, each in enumerate(names)}, {each: i for i, each in enumerate(columns)}
    for each in names:
        y = top + height * row[each] + height / 2 + 5
        parts.append(_text(left - 10, y, _short(tables(each), LONGEST_LABEL), size=13, anchor="end"))
    for slot in figures.slots:
        x, y = left + width * column[slot.round], top + height * row[slot.table]
        words = f"{tables(slot.table)}, {rounds(slot.round)}: {_of_seats(slot)}"
        parts += _cell(x, y, width, height, slot, words)
    right = left + width * len(columns)
    bottom = top + height * len(names)
    parts.append(_text(left, bottom + 26, f"{figures.seats_taken} seats taken, {figures.seats_left} left", size=14))
    told = (
        f"{len(names)} tables, {len(columns)} rounds: {figures.seats_taken} seats taken and {figures.seats_left} left"
    )
    return _svg(max(600, right + 24), bottom + 46, title, told, parts)


_HATCH = (
    '<defs><pattern id="closed" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<rect width="6" height="6" fill="#fff"/><line x1="0" y1="0" x2="0" y2="6" stroke="{RULE}" stroke-width="2"/>'
    "</pattern></defs>"
)


def _of_seats(slot: Slot) -> str:
    return f"{slot.taken} of {slot.seats} seats taken" if slot.seats else "closed"


def _cell(x: float, y: float, width: float, height: float, slot: Slot, words: str) -> Iterator[str]:
    fill, share = "url(#closed)", slot.fill
    if share is not None:
        fill = _shade(share)
    yield (
        f'<g><title>{escape(words)}</title><rect x="{x:g}" y="{y:g}" width="{width - 2:g}"'
        f' height="{height - 2:g}" fill="{fill}" stroke="{RULE}"/>'
    )
    if share is not None:
        colour = "#fff" if share > 0.7 else INK
        middle = x + width / 2 - 1
        yield _text(middle, y + height / 2 + 4, f"{slot.taken}/{slot.seats}", size=12, colour=colour, anchor="middle")
    yield "</g>"


def _shade(share: float) -> str:
    """From white to the blue, by how full it is."""
    red, green, blue = (round(255 - (255 - to) * min(1.0, share)) for to in (0x1F, 0x4E, 0x8C))
    return f"#{red:02x}{green:02x}{blue:02x}"


def _frame(left: int, top: int, side: int) -> Iterator[str]:
    yield f'<rect x="{left}" y="{top}" width="{side}" height="{side}" fill="none" stroke="{INK}"/>'
    for tenth in (0, 25, 50, 75, 100):
        at = side * tenth / 100
        yield _line([(left, top + side - at), (left + side, top + side - at)], RULE, "0.6")
        yield _text(left - 8, top + side - at + 4, f"{tenth} %", size=12, colour=PALE, anchor="end")
        yield _text(left + at, top + side + 18, f"{tenth} %", size=12, colour=PALE, anchor="middle")
    middle = left + side / 2
    yield _text(middle, top + side + 42, "of the people, the least satisfied first", size=14, anchor="middle")
    yield _text(left - 8, top - 12, "their share of all granted wishes", size=14)


def _on_paper(curve: Points, left: float, top: float, side: float) -> list[tuple[float, float]]:
    """The curve in the picture's units, without the points that lie on a straight line between their neighbours."""
    kept: list[tuple[float, float]] = []
    for point in curve:
        if len(kept) > 1 and _straight(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return [(left + x * side, top + side - y * side) for x, y in kept]


def _straight(one: tuple[float, float], two: tuple[float, float], three: tuple[float, float]) -> bool:
    turn = (two[0] - one[0]) * (three[1] - one[1]) - (two[1] - one[1]) * (three[0] - one[0])
    return abs(turn) < 1e-12


def _line(points: Points, colour: str, width: str, *, dashes: str = "") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dashed}/>'


def _text(x: float, y: float, words: str, *, size: int, colour: str = INK, anchor: str = "start") -> str:
    look = f'font-size="{size}" fill="{colour}" text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(words)}</text>'


def _in_order(ids: Iterable[Id]) -> list[Id]:
    return list(dict.fromkeys(ids))


def _short(words: str, longest: int) -> str:
    return words if len(words) <= longest else f"{words[: longest - 1].rstrip()}…"


def _svg(width: float, height: float, title: str, told: str, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}"'
        f' height="{height:g}" role="img" aria-labelledby="title told" {FONT}>'
        f'<title id="title">{escape(title)}</title><desc id="told">{escape(told)}.</desc>'
        f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>'
        f"{_text(24, 30, title, size=18)}{''.join(parts)}</svg>\n"
    )

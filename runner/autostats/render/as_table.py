"""Tables for people: on a terminal, and as plain text in an email."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.segment import Segment, Segments
from rich.style import Style
from rich.text import Text

from autostats.links import NO_LINKS
from autostats.render.cells import TO_THE_LEFT, Look
from autostats.render.linked import Linker, linker
from autostats.render.section import Column, Document, Kind, Row, Section
from autostats.text import printable

# Longer names are folded over several lines, to leave room for the numbers.
_LONGEST_TEXT = 32
_SHORTEST_TEXT = 8
_SPARKLINE = 7
_HOW_TO_SEE_THEM = "A wider window shows more, `--plain` all."
# No colour except red: bold, dim and red are readable on light and dark backgrounds.
_STYLES = {style: Style.parse(style) for style in ("", "bold", "dim", "red", "bold red", "reverse red")}


@dataclass(frozen=True)
class _Layout:
    """The columns that are shown, each with its heading and its width, with `gap` spaces between them."""

    columns: Sequence[Column]
    headings: Sequence[str]
    widths: Sequence[int]
    gap: int

    @property
    def width(self) -> int:
        return sum(self.widths) + self.gap * (len(self.widths) - 1)


def _rows(section: Section) -> list[Row]:
    """Return all rows; the total, labelled as such, is left out if it equals the only row."""
    if section.total is None or len(section.rows) < 2:
        return list(section.rows)
    label = section.total_label
    return [*section.rows, {**section.total, label: "Total"} if label else section.total]


def _cell_widths(section: Section, look: Look) -> dict[str, int]:
    """Return the width of the widest cell in each column of any layout, with a limit for text."""
    rows = _rows(section)
    widths = {}
    for name in dict.fromkeys(chain(*section.layouts)):
        column = section.column(name)
        cells = (cell_len(look.text(column, row.get(name), _SPARKLINE)) for row in rows)
        widest = max(cells, default=0)
        widths[name] = min(widest, _LONGEST_TEXT) if column.kind.is_text else widest
    return widths


def _layout(section: Section, names: Sequence[str], cells: Mapping[str, int], *, tight: bool) -> _Layout:
    columns = [section.column(name) for name in names]
    headings = [(tight and column.short_heading) or column.heading for column in columns]
    widths = [
        max(cells[column.name], *(cell_len(line) for line in heading.split("\n")))
        for column, heading in zip(columns, headings, strict=True)
    ]
    return _Layout(columns, headings, widths, 1 if tight else 2)


def _fitted(layout: _Layout, width: int, rows: Sequence[Row]) -> _Layout:
    """Give the sparkline the rest of `width`, or narrow the text columns if there is too little."""
    spare = width - layout.width
    widths = list(layout.widths)
    for place, column in enumerate(layout.columns):
        if column.kind is Kind.SERIES and spare > 0:
            longest = max((len(row.get(column.name) or ()) for row in rows), default=0)
            widths[place] = max(widths[place], min(longest, widths[place] + spare))
        elif column.kind.is_text and spare < 0:
            taken = min(-spare, max(0, widths[place] - _SHORTEST_TEXT))
            widths[place] -= taken
            spare += taken
    return _Layout(layout.columns, layout.headings, widths, layout.gap)


def choose_layout(section: Section, width: int, look: Look) -> _Layout:
    """Return the section's first layout that fits `width`, else as much of the narrowest as fits."""
    cells = _cell_widths(section, look)
    for names in section.layouts:
        for tight in (False, True):
            layout = _layout(section, names, cells, tight=tight)
            if layout.width <= width:
                return _fitted(layout, width, section.rows)
    fitted = _fitted(layout, width, section.rows)
    while fitted.width > width and len(names) > 1:
        names = names[:-1]
        fitted = _fitted(_layout(section, names, cells, tight=True), width, section.rows)
    return fitted


def _left_out(section: Section, layout: _Layout) -> list[str]:
    """Return the columns of the widest layout that this layout does not show in any form."""
    shown = {column.heading for column in layout.columns}
    headings = (section.column(name).heading for name in section.layouts[0])
    return [heading.replace("\n", " ") for heading in headings if heading not in shown]


def _wrapped(texts: Sequence[str], layout: _Layout) -> Iterator[list[str]]:
    """Yield the padded lines of a row; text that is wider than its column continues below."""
    folded = [
        list(_folded(text, width)) if cell_len(text) > width else [text]
        for text, width in zip(texts, layout.widths, strict=True)
    ]
    for place in range(max(len(lines) for lines in folded)):
        line = []
        for lines, column, width in zip(folded, layout.columns, layout.widths, strict=True):
            text = lines[place] if place < len(lines) else ""
            blanks = " " * (width - cell_len(text))
            line.append(text + blanks if column.kind in TO_THE_LEFT else blanks + text)
        yield line


def _folded(text: str, width: int) -> Iterator[str]:
    """Yield the lines of a text, broken between words, and within those that are too long for a line."""
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if cell_len(longer) <= width:
            line = longer
            continue
        if line:
            yield line
        *whole, line = chop_cells(word, width) or [""]
        yield from whole
    yield line


def _row(
    row: Row, layout: _Layout, look: Look, address: Linker, style: str | None = None
) -> Iterator[Segment]:
    """Yield a row's segments; `style` applies to the whole row, else each cell has its own."""
    texts = [
        look.text(column, row.get(column.name), width) if column.name in row else ""
        for column, width in zip(layout.columns, layout.widths, strict=True)
    ]
    styles = [
        _linked(
            _STYLES[look.style(column, row.get(column.name)) if style is None else style],
            address(column, row),
        )
        for column in layout.columns
    ]
    for line in _wrapped(texts, layout):
        for place, text in enumerate(line):
            yield Segment(text, styles[place])
            yield Segment(" " * layout.gap if place < len(line) - 1 else "\n")


def _linked(style: Style | None, address: str | None) -> Style | None:
    return style if address is None else (style or Style.null()) + Style(link=address)


def _heading(layout: _Layout) -> Iterator[Segment]:
    """Yield the headings, one or more lines each, aligned to the bottom, on the rule."""
    parted = [heading.split("\n") for heading in layout.headings]
    height = max(len(parts) for parts in parted)
    for place in range(height):
        texts = [parts[place - height] if height - place <= len(parts) else "" for parts in parted]
        line = next(_wrapped(texts, layout))
        yield Segment((" " * layout.gap).join(line) + "\n", _STYLES["bold"])


def _table(section: Section, layout: _Layout, look: Look, address: Linker) -> Segments:
    # Assembled by hand: rich.table takes a second for a thousand rows.
    rule = Segment(("\u2500" if look.unicode else "-") * layout.width + "\n", _STYLES["dim"])
    segments = [*_heading(layout), rule]
    for place, row in enumerate(_rows(section)):
        is_total = place == len(section.rows)
        if is_total:
            segments += [rule, *_row(row, layout, look, address, "bold")]
        else:
            segments += _row(row, layout, look, address)
    return Segments(segments)


def _left_out_words(left_out: Mapping[str, Sequence[str]]) -> str:
    """Name the columns left out of the first section, and any others left out of each further section."""
    first = next(iter(left_out.values()))
    words = [", ".join(first)] if first else []
    for name, headings in list(left_out.items())[1:]:
        more = [heading for heading in headings if heading not in first]
        words += [f"of {name} {'also ' if first else ''}{', '.join(more)}"] if more else []
    return "; ".join(words)


def print_tables(document: Document, console: Console, look: Look) -> None:
    """Print the document on `console`, using its full width."""
    console.print(Text(printable(document.title), style="bold"))
    if document.lead:
        console.print(Text(document.lead))
    left_out: dict[str, list[str]] = {}
    first = document.shown_first
    for place, section in enumerate([*first, *document.sections]):
        console.print()
        # The title of the document says what a table is that stands alone above the others.
        if place or first:
            console.print(Text(section.heading, style="bold"))
        if not section.rows:
            console.print(Text(section.empty, style="dim"))
        else:
            layout = choose_layout(section, console.width, look)
            address = linker(document.links if look.hyperlinks else NO_LINKS, section)
            console.print(_table(section, layout, look, address), end="")
            left_out[section.name] = _left_out(section, layout)
        for note in section.notes:
            console.print(Text(note, style="dim"))
    console.print()
    for caption in document.captions:
        console.print(Text(caption, style="dim"))
    if any(left_out.values()):
        words = f"Left out at {console.width} columns: {_left_out_words(left_out)}. {_HOW_TO_SEE_THEM}"
        console.print(Text(words, style="dim"))


def as_table(document: Document, console: Console, look: Look) -> str:
    """Return the output of `print_tables`, in colour if `console` has it, without trailing spaces."""
    with console.capture() as capture:
        print_tables(document, console, look)
    return "\n".join(line.rstrip(" ") for line in capture.get().split("\n"))

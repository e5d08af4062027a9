"""What a screen can show, and the plotext figure for it."""

from dataclasses import dataclass
from typing import Any

from autostats.charts.extra import missing_extra

_FRAME = str.maketrans("─│┌┐└┘┤├┬┴┼", "-|+++++++++")
# The labels of the vertical axis, and the frame.
_BESIDE = 10


@dataclass(frozen=True)
class Screen:
    """What can be shown: the number of columns, whether more than ASCII, whether colour.

    `rows` are those of a chart along time, above its axis.
    """

    width: int
    unicode: bool
    colour: bool
    rows: int = 14

    @property
    def points(self) -> int:
        """How many points a chart along time has room for."""
        return max(1, self.width - _BESIDE)


@dataclass(frozen=True)
class Part:
    """One of the things that a chart distinguishes: its word, its sign (also in ASCII), its colour."""

    word: str
    sign: str
    ascii_sign: str
    colour: str | None = None

    def on(self, screen: Screen) -> str:
        """Return the sign that the screen can show."""
        return self.sign if screen.unicode else self.ascii_sign


def new_figure(width: int, rows: int) -> Any:
    """Return an empty plotext figure with `rows` above its axis and no colours.

    Raises UsageError when plotext is not installed.
    """
    try:
        import plotext  # type: ignore[import-untyped]
    except ImportError as error:
        raise missing_extra() from error
    # We choose its size, whatever the terminal's is.
    plotext.terminal.limit(False, False)
    figure = plotext.figure
    figure.clear.all()
    figure.theme("colorless")
    figure.plot_size(width, rows + 2)
    figure.legend(False)
    figure.axes(False, axis="x", side="upper")
    figure.axes(False, axis="y", side="right")
    return figure


def marker(part: Part, screen: Screen) -> Any:
    """Return the plotext marker for a part."""
    import plotext

    pixel = plotext.pixel(foreground=part.colour) if part.colour else None
    return plotext.marker(part.on(screen), pixel=pixel)


def drawn(figure: Any, screen: Screen) -> list[str]:
    """Return the lines of a figure, as the screen can show them."""
    text: str = figure.build().string(not screen.colour)
    text = text if screen.unicode else text.translate(_FRAME)
    return [line.rstrip() for line in text.rstrip("\n").split("\n")]

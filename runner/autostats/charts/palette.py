"""The colours of the charts, light and dark.

After Okabe and Ito: blue, orange, green and purple can be told apart with any colour vision, and neighbours
in
a stack differ in lightness. Marks have a contrast of 3 to 1 on `paper`, text (ink, muted, orange) of 4.5.
"""

from collections.abc import Mapping
from dataclasses import dataclass

# Each colour on a light and on a dark background.
COLOURS: Mapping[str, tuple[str, str]] = {
    "paper": ("#ffffff", "#14191f"),
    "ink": ("#1f2933", "#e6ebf0"),
    "muted": ("#52606d", "#a8b3bf"),
    "grid": ("#e1e5ea", "#2c353f"),
    "axis": ("#87919c", "#77828e"),
    "blue": ("#4590cd", "#3a83c2"),
    "orange": ("#a63603", "#ff9d5c"),
    "grey": ("#87919c", "#77828e"),
    "green": ("#00664f", "#5fe0b7"),
    "purple": ("#a46fcb", "#9468c4"),
    "slate": ("#4a545e", "#c3ccd5"),
    # A ramp from zero to many. Text is ink on the first three, paper on the last two.
    "heat-0": ("#f6f7f9", "#1a2129"),
    "heat-1": ("#fdd0a2", "#55301a"),
    "heat-2": ("#f28e3c", "#96480f"),
    "heat-3": ("#c04a06", "#e0742a"),
    "heat-4": ("#7f2704", "#ffc08a"),
}
# The custom properties that a page defines for the charts in it.
PROPERTIES: Mapping[str, tuple[str, str]] = {f"--chart-{name}": pair for name, pair in COLOURS.items()}


@dataclass(frozen=True)
class Look:
    """How a chart is drawn: its colours by name, and its width in CSS pixels.

    A framed chart has a title and a background, and stands alone; others belong to a page.
    """

    colours: Mapping[str, str]
    width: int
    framed: bool


LIGHT = Look({name: light for name, (light, _) in COLOURS.items()}, 760, framed=True)
DARK = Look({name: dark for name, (_, dark) in COLOURS.items()}, 760, framed=True)
PAGE = Look({name: f"var(--chart-{name})" for name in COLOURS}, 460, framed=False)

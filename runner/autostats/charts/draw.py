"""Charts as SVG and PNG, drawn by Vega-Altair and vl-convert without a browser or network access."""

import hashlib
import re
import textwrap
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from autostats.charts.chart import Chart
from autostats.charts.extra import missing_extra
from autostats.charts.palette import DARK, LIGHT, PAGE, Look
from autostats.text import printable

if TYPE_CHECKING:
    import altair

__all__ = ["DARK", "LIGHT", "PAGE", "as_png", "as_svg"]

# The converter knows its metrics, and readers' computers have it or a font with the same metrics.
_FONT = "Arial, Liberation Sans, Helvetica, sans-serif"
_PIXELS_PER_LETTER = 6.2
_VEGA_LITE = "6.1"
_OPENING = re.compile(r"<svg [^>]*?viewBox=\"(?P<box>[^\"]*)\"[^>]*>")
_TAG = re.compile(r"<[a-zA-Z]+ [^<>]*>")
_LONG_NUMBER = re.compile(r"\d+\.\d{3,}")
_REFERENCE = re.compile(r"(id=\"|url\(#|href=\"#)")


def _lines(text: str, look: Look) -> list[str]:
    return textwrap.wrap(text, int(look.width / _PIXELS_PER_LETTER), max_lines=3, placeholder=" …")


def config(look: Look) -> dict[str, Any]:
    """Return what all pictures have in common, for Vega-Lite."""
    colours = look.colours
    label = {"labelColor": colours["muted"], "labelFontSize": 12, "labelPadding": 6}
    return {
        "aria": False,
        "font": _FONT,
        "view": {"stroke": None},
        "axis": {
            **label,
            "domainColor": colours["axis"],
            "gridColor": colours["grid"],
            "tickColor": colours["axis"],
            "title": None,
        },
        "axisY": {"domain": False, "ticks": False, "tickCount": 5},
        "axisX": {"grid": False, "labelAngle": 0, "labelFlush": False, "labelOverlap": "greedy"},
        "legend": {
            "title": None,
            "orient": "top",
            "direction": "horizontal",
            "labelColor": colours["ink"],
            "labelFontSize": 12,
            "columnPadding": 18,
            "symbolStrokeWidth": 2,
            "offset": 10,
        },
        "text": {"fill": colours["ink"], "font": _FONT, "fontSize": 12},
        "title": {
            "anchor": "start",
            "color": colours["ink"],
            "fontSize": 16,
            "fontWeight": 600,
            "offset": 12,
            "subtitleColor": colours["muted"],
            "subtitleFontSize": 12,
            "subtitleLineHeight": 16,
            "subtitlePadding": 6,
        },
    }


def _specification(chart: Chart, look: Look) -> dict[str, Any]:
    """Return the chart as a Vega-Lite specification.

    A chart without rows is a sentence that says why. Raises UsageError when the extra is not installed.
    """
    try:
        import altair as alt
    except ImportError as error:
        raise missing_extra() from error
    from autostats.charts.pictures import PICTURES, nothing

    picture: altair.LayerChart | altair.Chart = (PICTURES[chart.name] if chart.rows else nothing)(chart, look)
    if look.framed:
        below = [chart.scope, *chart.notes] if chart.rows else [chart.scope, chart.description]
        subtitle = [line for text in below for line in _lines(text, look)]
        picture = picture.properties(
            title=alt.Title(chart.title, subtitle=subtitle), background=look.colours["paper"], padding=16
        )
    else:
        picture = picture.properties(
            background="transparent", padding={"left": 8, "right": 14, "top": 2, "bottom": 4}
        )
    specification: dict[str, Any] = picture.to_dict()
    specification["config"] = config(look)
    return specification


def rounded(svg: str) -> str:
    """Round the numbers in tags to two decimals: more are invisible, and make the file twice as long."""

    def two_decimals(number: re.Match[str]) -> str:
        return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")

    return _TAG.sub(lambda tag: _LONG_NUMBER.sub(two_decimals, tag[0]), svg)


def named_svg(svg: str, name: str, title: str, words: str, look: Look) -> str:
    """Give a picture a title, a description in words, and ids that begin with `name`."""
    svg = _REFERENCE.sub(rf"\g<1>{name}-", svg)
    opening = _OPENING.match(svg)
    assert opening is not None
    _, _, width, height = opening["box"].split()
    size = f' width="{width}" height="{height}"' if look.framed else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg"{size} viewBox="{opening["box"]}" role="img"'
        f' aria-labelledby="{name}-name" aria-describedby="{name}-words">'
        f'<title id="{name}-name">{escape(title)}</title>'
        f'<desc id="{name}-words">{escape(words)}</desc>'
        f"{svg[opening.end() :]}"
    )


def _named(svg: str, chart: Chart, look: Look) -> str:
    """Give the picture of a chart a name, a description, and ids that are unique on the page."""
    key = f"{chart.name}-{hashlib.sha256(svg.encode()).hexdigest()[:8]}"
    return named_svg(svg, key, printable(f"{chart.title}: {chart.scope}"), printable(chart.description), look)


def as_svg(chart: Chart, look: Look) -> str:
    """Return the chart as SVG without an XML declaration, for a file or, in the look PAGE, for HTML.

    Raises UsageError when the extra `charts` is not installed.
    """
    specification = _specification(chart, look)
    try:
        import vl_convert
    except ImportError as error:
        raise missing_extra() from error
    svg: str = vl_convert.vegalite_to_svg(specification, vl_version=_VEGA_LITE, allowed_base_urls=[])
    return _named(rounded(svg), chart, look)


def as_png(chart: Chart, look: Look, scale: float = 2) -> bytes:
    """Return the chart as PNG, `scale` pixels for each CSS pixel, in the look LIGHT or DARK.

    Raises UsageError when the extra `charts` is not installed.
    """
    specification = _specification(chart, look)
    try:
        import vl_convert
    except ImportError as error:
        raise missing_extra() from error
    png: bytes = vl_convert.vegalite_to_png(
        specification, vl_version=_VEGA_LITE, scale=scale, allowed_base_urls=[]
    )
    return png

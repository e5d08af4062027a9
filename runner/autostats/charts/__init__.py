"""Charts: what is drawn, and drawing it as SVG, as PNG and in the terminal."""

from autostats.charts.chart import Chart, ChartName, read_chart
from autostats.charts.draw import as_png, as_svg
from autostats.charts.palette import DARK, LIGHT, PAGE, Look

__all__ = ["DARK", "LIGHT", "PAGE", "Chart", "ChartName", "Look", "as_png", "as_svg", "read_chart"]

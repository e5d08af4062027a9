"""Prometheus' text format for node_exporter's textfile collector: gauges without timestamps."""

from collections.abc import Mapping

from autostats.errors import UsageError
from autostats.render.section import Document
from autostats.text import printable


def _escaped(text: str) -> str:
    """Return `text` on one line, with the control characters that a terminal would obey made visible."""
    return printable(text).replace("\\", "\\\\")


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    quoted = {name: _escaped(value).replace('"', '\\"') for name, value in labels.items()}
    return "{" + ",".join(f'{name}="{value}"' for name, value in quoted.items()) + "}"


def as_prometheus(document: Document) -> str:
    """Return the document's metrics.

    Raises UsageError when it has none.
    """
    if not document.metrics:
        raise UsageError(
            "Prometheus metrics are not available here.",
            "`autostats report --format prometheus` has those for each instrument.",
        )
    lines = []
    for metric in document.metrics:
        lines += [f"# HELP {metric.name} {_escaped(metric.help)}", f"# TYPE {metric.name} gauge"]
        lines += [f"{metric.name}{_labels(labels)} {value!r}" for labels, value in metric.samples]
    return "\n".join(lines) + "\n"

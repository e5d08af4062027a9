"""Prometheus' text format, as node_exporter's textfile collector reads it: gauges without timestamps."""

from collections.abc import Mapping

from autostats.errors import UsageError
from autostats.render.section import Document


def _help(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    pairs = (f'{name}="{_help(value).replace(chr(34), chr(92) + chr(34))}"' for name, value in labels.items())
    return "{" + ",".join(pairs) + "}"


def as_prometheus(document: Document) -> str:
    """Return the document's metrics.

    Raises UsageError when it has none.
    """
    if not document.metrics:
        raise UsageError(
            "There are no metrics of this for Prometheus.",
            "`autostats report --format prometheus` has those of each instrument.",
        )
    lines = []
    for metric in document.metrics:
        lines += [f"# HELP {metric.name} {_help(metric.help)}", f"# TYPE {metric.name} gauge"]
        lines += [f"{metric.name}{_labels(labels)} {value!r}" for labels, value in metric.samples]
    return "\n".join(lines) + "\n"

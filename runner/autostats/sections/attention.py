"""The table of what needs attention."""

from collections.abc import Sequence

from autostats.catalogue import Catalogue
from autostats.queries.attention import Severity, Subject, attention_rows
from autostats.queries.scope import Scope
from autostats.render.section import Column, Row, Section

ATTENTION = ("instrument", "subject", "severity", "what", "evidence", "since")
_LAYOUTS = (
    ("instrument", "severity", "what", "evidence", "since"),
    ("instrument", "severity", "what", "since"),
    ("instrument", "severity", "what"),
)


def attention_section(
    scope: Scope, subjects: Sequence[Subject] = (), severities: Sequence[Severity] = ()
) -> Section:
    """Return what needs somebody now, whatever the period: of some subjects and severities, or of all."""
    return attention_table(scope.warehouse.catalogue, attention_rows(scope, subjects, severities))


def attention_table(catalogue: Catalogue, rows: Sequence[Row], *own: Column) -> Section:
    """Return the table of rows that need attention, with `own` columns after the others."""
    names = [column.name for column in own]
    return Section(
        name="attention",
        title="What needs attention now",
        columns=catalogue.columns("fct_attention", *ATTENTION, *own),
        rows=rows,
        layouts=[(*layout, *names) for layout in _LAYOUTS],
        empty="Nothing needs attention.",
        count=len(rows),
    )


def current_attention(scope: Scope) -> Section | None:
    """Return what needs somebody now, or None if the period ends before the last day that is complete."""
    return attention_section(scope) if scope.period.last >= scope.settings.clock.last_complete else None

"""`autostats stats`: the statistics per time bucket, ours and those of plug-ins."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.commands.dbt_options import ProfilesDirOption, ProjectDirOption, WaitOption
from autostats.commands.result_options import (
    FormatOption,
    FromOption,
    LastOption,
    NoPagerOption,
    OutputOption,
    PlainOption,
    ToOption,
)
from autostats.errors import UsageError
from autostats.home import Home

if TYPE_CHECKING:
    from autostats.period import Period
    from autostats.published.reader import Published, Reading

EXAMPLES = {
    "autostats stats list": "which statistics there are",
    "autostats stats show jobs-1d instrument=WISH --last 7d": "one of them, for an instrument and some days",
    "autostats stats show jobs-1h --format csv -o jobs.csv": "all of its rows",
    "autostats stats show volume-by-host-1d --last 4w -o hosts.svg": "as a picture",
}
# A table for people shows the newest; programs get all.
_SHOWN_ROWS = 100

stats = typer.Typer()


@stats.callback()
def statistics_per_bucket() -> None:
    """List and print the statistics per second, minute, hour or day."""


def complete_idents(context: typer.Context, incomplete: str) -> list[str]:
    """Return the statistics that the shell may complete `incomplete` to."""
    from autostats.errors import AutostatsError
    from autostats.published.reader import Published

    try:
        with Published.newest(Home.resolve(context.params.get("home"))) as published:
            idents = [statistic.ident for statistic in published.statistics()]
    except AutostatsError:
        return []
    return [ident for ident in idents if ident.startswith(incomplete.lower())]


@stats.command("list")
def list_(
    format_: FormatOption = None,
    plain: PlainOption = False,
    output: OutputOption = None,
    no_pager: NoPagerOption = False,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """List the statistics per time bucket, and say which plug-ins failed."""
    from autostats.published.reader import Published
    from autostats.render.output import chosen_format, emit
    from autostats.render.section import Document
    from autostats.sections.statistics import statistics_section
    from autostats.warehouse import utc_now

    wanted = chosen_format(format_, output, plain=plain)
    with Published.newest(Home.resolve(home)) as published:
        section = statistics_section(published.statistics())
        facts = published.facts
    settings = facts.settings(utc_now())
    document = Document(
        schema="autostats/stats-list/1",
        title=f"Statistics: {len(section.rows)}",
        facts={"build": facts.build, "settings": settings.facts},
        sections=[section],
        timezone=facts.facility_timezone,
        captions=[settings.caption, "`autostats stats show STATISTIC` prints one."],
    )
    emit(document, wanted, output, paged=not no_pager)


@stats.command()
def show(
    ident: Annotated[
        str,
        typer.Argument(
            metavar="STATISTIC",
            help="One of those that `stats list` lists, such as jobs-1d.",
            show_default=False,
            autocompletion=complete_idents,
        ),
    ],
    filters: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[DIMENSION=VALUE]...",
            help="Only rows with this value, such as instrument=WISH; of one dimension, any of several.",
            show_default=False,
        ),
    ] = None,
    from_: FromOption = None,
    to: ToOption = None,
    last: LastOption = None,
    order: Annotated[
        str, typer.Option("--order", metavar="ORDER", help="desc: the newest first, or asc.")
    ] = "desc",
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            metavar="N",
            min=1,
            help=f"The first N rows. Default: {_SHOWN_ROWS} in a table, all for programs.",
            show_default=False,
        ),
    ] = None,
    format_: FormatOption = None,
    plain: PlainOption = False,
    output: OutputOption = None,
    no_pager: NoPagerOption = False,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Print the rows of one statistic, as a table, a page, a picture (.svg, .png) or for programs."""
    from autostats.brand import NO_BRAND
    from autostats.configuration.brand import configured_brand
    from autostats.configuration.resolve import configure
    from autostats.files import write_file
    from autostats.period import Period
    from autostats.published.query import count, rows, select
    from autostats.published.reader import Published
    from autostats.published.recorded import recorded_days
    from autostats.published.words import read_query
    from autostats.render.notes import Notes
    from autostats.render.output import Format, chosen_format, emit, print_text
    from autostats.render.section import Document, Kind
    from autostats.sections.age import not_recorded
    from autostats.sections.statistics import statistic_section
    from autostats.warehouse import utc_now

    pictures = (Format.HTML, Format.SVG, Format.PNG, Format.PROMETHEUS)
    wanted = chosen_format(format_, output, plain=plain, also=pictures)
    if wanted is Format.PNG and output is None and sys.stdout.isatty():
        raise UsageError("A picture is not for a terminal.", "Name a file, such as `--output jobs.png`.")
    if limit is None and wanted in (Format.TABLE, Format.PLAIN, Format.HTML):
        limit = _SHOWN_ROWS
    place = Home.resolve(home)
    with Published.newest(place) as published, published.reading() as reading:
        if order not in ("asc", "desc"):
            raise UsageError(f"--order {order} is no order.", "Use asc or desc.")
        chosen = _chosen(published, reading, ident, filters or [])
        period = _period(published, from_, to, last)
        words = [*chosen, *_within(period), ("order", order)]
        query = read_query(published, ident, words)
        selection = select(published, reading, query)
        total = count(selection, query)
        shown = total if limit is None else min(total, limit)
        values = rows(published, reading, query, selection, 0, shown)
        statistic, columns, facts = published.statistic(ident), published.columns(ident), published.facts
        # Ours are built together, and some of them again by live builds.
        ours = [each.built_at for each in published.statistics() if each.built_at and not each.plugin]
        first = min(ours, default=facts.published_at)
        recorded = recorded_days(published, reading, ident)
    notes = Notes(quiet=quiet)
    if period is not None and recorded is not None:
        for remark in not_recorded(period, recorded):
            notes(remark)
    if wanted in pictures:
        from autostats.serve.negotiation import Served
        from autostats.serve.rendering import Content, rendered

        brand = configured_brand(configure(place), notes) if wanted is Format.HTML else NO_BRAND
        content = rendered(
            Served(wanted.value),
            Content(facts, statistic, columns, values, total, drawn=values, brand=brand),
        )
        if output is None and wanted is Format.PNG:
            sys.stdout.buffer.write(content)
        elif output is None:
            print_text(content.decode())
        else:
            write_file(output, content)
        return
    settings = facts.settings(utc_now())
    failed = [f"Its last build failed: {statistic.error}."] if statistic.error else []
    newest = "newest" if order == "desc" else "oldest"
    cut = [f"The {newest} {shown} of {total:,} rows: `--limit` shows more."] if shown < total else []
    is_timed = any(column.kind in (Kind.TIME, Kind.HOUR) for column in columns)
    zone = [f"Times are of {facts.facility_timezone}."] if is_timed and wanted is not Format.MD else []
    built = statistic.built_at
    is_live = built is not None and built > first
    live = (
        [f"Built {settings.local(built):%Y-%m-%d %H:%M:%S}, after the others."] if built and is_live else []
    )
    document = Document(
        schema="autostats/stats-show/1",
        title=statistic.summary,
        facts={
            "ident": ident,
            "build": facts.build,
            "total": total,
            "returned": shown,
            "recorded": Period.facts_of(recorded),
            "settings": settings.facts,
        },
        sections=[statistic_section(statistic, columns, values, "Rows")],
        timezone=facts.facility_timezone,
        captions=[*failed, *cut, *zone, settings.caption, *live],
    )
    emit(document, wanted, output, paged=not no_pager)


@stats.command()
def publish(
    wait: WaitOption = None,
    project_dir: ProjectDirOption = None,
    profiles_dir: ProfilesDirOption = None,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Publish what dbt has built; `autostats run` does so by itself."""
    from autostats.dbt_setup.setup import Setup
    from autostats.published.publish import publish as publish_now
    from autostats.run import lock
    from autostats.run.failures import raise_faults
    from autostats.warehouse import utc_now, wait_limit

    setup = Setup.resolve(home, target, project_dir, profiles_dir)
    limit = wait_limit() if wait is None else wait
    with lock.hold(setup.home, limit):
        faults = publish_now(setup, utc_now(), None, limit)
    raise_faults(faults, setup)


def _chosen(
    published: "Published", reading: "Reading", ident: str, filters: list[str]
) -> Iterator[tuple[str, str]]:
    """Yield the dimensions and the values that the arguments name, in any case.

    Raises UsageError for what the statistic does not have, with what may be meant.
    """
    from difflib import get_close_matches

    from autostats.sql_text import quoted

    dimensions = published.statistic(ident).dimensions
    for text in filters:
        name, sign, value = text.partition("=")
        if not sign or name not in dimensions:
            known = ", ".join(dimensions) or "none"
            raise UsageError(
                f"{text!r} is no filter of {ident}.", f"Write DIMENSION=VALUE; its dimensions are: {known}."
            )
        query = f"select distinct cast({quoted(name)} as varchar) from served.{quoted(ident)}"
        values = [each or "" for (each,) in reading.rows(query)]
        folded = {each.casefold(): each for each in values}
        if value not in values and value.casefold() not in folded:
            close = get_close_matches(value.casefold(), folded, 1)
            hint = f"Did you mean {folded[close[0]]}?" if close else f"There are {len(values)} others."
            raise UsageError(f"{ident} has no {name} {value!r}.", hint)
        yield name, value if value in values else folded[value.casefold()]


def _period(published: "Published", from_: str | None, to: str | None, last: str | None) -> "Period | None":
    """Return the period of the options, or None if there are none."""
    from autostats.period import resolve_period
    from autostats.warehouse import utc_now

    if not (from_ or to or last):
        return None
    return resolve_period(from_, to, last, published.facts.settings(utc_now()).clock)


def _within(period: "Period | None") -> Iterator[tuple[str, str]]:
    """Yield a period in the words of a query."""
    if period is not None:
        yield "start", period.first.isoformat()
        yield "stop", (period.last + timedelta(days=1)).isoformat()

"""The tables of what is known of one run."""

from collections.abc import Sequence

from autostats.catalogue import Catalogue
from autostats.queries.explain_run import KnownRun
from autostats.queries.settings import Settings
from autostats.render.section import Column, Kind, Row, Section

_MISSING = ("kind", "state", "noticed_at", "noticed_day", "cycle", "arrived_at", "ignored_reason")
_JOBS = (
    *("job_id", "rb_number", "run_title", "run_version", "run_number", "run_numbers", "status", "starter"),
    *("started_by", "is_batch", "is_deleted", "created_at", "started_at", "finished_at", "exe_time"),
)
_FILES = (
    Column("location", Kind.TEXT, "Location", "{}", "The location, by its name in `archive.yml`."),
    Column("file_type", Kind.TEXT, "File type", description="Its type, by its name in `archive.yml`."),
    Column("path", Kind.TEXT, "Path", description="Its path or URL."),
    Column("bytes", Kind.COUNT, "Size", "{} byte(s)", "Its size, in bytes."),
    Column("modified_at", Kind.TIME, "Modified", description="When it was last modified. UTC timestamp."),
)
_LOOKS = (
    *("location", "file_type", "cycle"),
    Column(
        "has_run",
        Kind.FLAG,
        "Has the run",
        description="Whether the run had a file then, of whatever age.",
    ),
    Column(
        "is_settled",
        Kind.FLAG,
        "Settled",
        description="Whether that file was old enough to be whole; NULL if there was none.",
        is_nullable=True,
    ),
    *("looks_unmounted", "started_at", "ended_at"),
)
_STATES = {
    "settling": "its file may still be written",
    "ignored": "it is listed as one that will never arrive",
    "arrived": "it arrived, late",
}
_KINDS = {
    "gap": "its number lies between two known ones, and no file is known",
    "archive_only": "there is a file, and no job",
    "announced_only": "it was announced on the message bus, and there is neither a job nor a file",
    "tail": "it is above the last run in the database, in the archive or announced",
    "never_written": "its number lies between two known ones, and there is no file either",
    "db_only": "there is a job, and its file is gone",
}


def missing_columns(catalogue: Catalogue) -> tuple[Column, ...]:
    """Return the columns of what makes a run a missing one."""
    return catalogue.columns("fct_missing_runs", *_MISSING)


def job_columns(catalogue: Catalogue) -> tuple[Column, ...]:
    """Return the columns of a run's jobs."""
    return catalogue.columns("fct_jobs", *_JOBS)


def file_columns() -> tuple[Column, ...]:
    """Return the columns of a run's files."""
    return _FILES


def look_columns(catalogue: Catalogue) -> tuple[Column, ...]:
    """Return the columns of the looks at the archive."""
    return catalogue.columns("fct_file_counts", *_LOOKS)


def run_lead(known: KnownRun, settings: Settings) -> str:
    """Return what is known in words, and which run and load have decided it."""
    told = [
        f"{row['kind']}, {row['state']}: {_STATES.get(row['state']) or _KINDS[row['kind']]}"
        for row in known.missing
    ]
    if not told:
        told = ["Not missing" if known.is_known else "Nothing is known of it"]
    decided = f"So says the run of {settings.local(settings.as_of):%Y-%m-%d %H:%M}"
    if known.load is not None:
        loaded = settings.local(known.load["loaded_at"])
        decided += f", with load {known.load['load_number']} of {loaded:%Y-%m-%d %H:%M}"
    return f"{'; '.join(told)}. {decided}."


def run_sections(catalogue: Catalogue, known: KnownRun, files: Sequence[Row] | None) -> list[Section]:
    """Return the tables, jobs first; files and looks only where somebody has looked for any."""
    sections = [
        Section(
            name="jobs",
            title="Its jobs",
            columns=job_columns(catalogue),
            rows=known.jobs,
            layouts=[
                tuple(name for name in _JOBS if name not in ("run_version", "run_number", "started_by")),
                ("job_id", "run_numbers", "status", "starter", "created_at", "started_at", "finished_at"),
                ("job_id", "status", "starter", "created_at", "exe_time"),
            ],
            empty="It has no job.",
        ),
        Section(
            name="missing",
            title="Missing",
            columns=missing_columns(catalogue),
            rows=known.missing,
            layouts=[
                tuple(name for name in _MISSING if name != "noticed_day"),
                ("kind", "state", "noticed_at", "ignored_reason"),
            ],
            empty="It is not.",
        ),
    ]
    if files is not None:
        sections.append(
            Section(
                name="files",
                title="Its files, as last seen",
                columns=_FILES,
                rows=files,
                layouts=[
                    ("location", "file_type", "path", "bytes", "modified_at"),
                    ("path", "bytes", "modified_at"),
                ],
            )
        )
    if known.looks:
        brief = ("location", "cycle", "has_run", "started_at", "ended_at")
        sections.append(
            Section(
                name="looks",
                title="Looks at the archive",
                columns=look_columns(catalogue),
                rows=known.looks,
                layouts=[
                    ("location", "file_type", *brief[1:3], "is_settled", "looks_unmounted", *brief[3:]),
                    brief,
                    brief[:3],
                ],
            )
        )
    return sections

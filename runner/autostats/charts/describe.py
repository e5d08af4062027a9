"""What a chart shows, in a sentence or two, for those who cannot see it."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from autostats.name_order import name_key
from autostats.period import weekday
from autostats.queries.availability import share_up
from autostats.queries.buckets import By
from autostats.queries.rows import Row, pass_rate
from autostats.render.cells import count, share
from autostats.render.durations import human
from autostats.text import plural, printable

OUTCOME_WORDS = {
    "jobs_passed": "passed",
    "jobs_failed": "failed",
    "jobs_skipped": "skipped",
    "jobs_pending": "pending",
    "jobs_other": "other",
}
STARTER_WORDS = {
    "started_by_auto": "automatic",
    "started_by_devs": "by developers",
    "started_by_users": "by users",
    "started_by_unknown": "unknown",
}
AVAILABILITY_WORDS = {
    "up_seconds": "up",
    "down_seconds": "down",
    "unknown_seconds": "unknown",
    "unscheduled_seconds": "not scheduled",
}
_INSTRUMENTS_IN_A_SENTENCE = 5


def number(amount: int, thing: str) -> str:
    """Return `1 job`, `2 jobs`."""
    return f"{count(amount)} {plural(amount, thing)}"


def _when(row: Row, by: By) -> str:
    return f"on {weekday(row['first_day'])} {row['first_day']}" if by is By.DAY else f"in {row['label']}"


def _added(rows: Sequence[Row], words: Mapping[str, str]) -> str:
    totals = {word: sum(row[column] or 0 for row in rows) for column, word in words.items()}
    shown = ", ".join(f"{count(total)} {word}" for word, total in totals.items() if total)
    return f"{number(sum(totals.values()), 'job')}: {shown}."


def _most(rows: Sequence[Row], columns: Sequence[str], what: str, by: By) -> str:
    """Name the row with the largest sum of `columns`, the first in case of a tie."""
    best = max(rows, key=lambda row: sum(row[column] or 0 for column in columns))
    top = sum(best[column] or 0 for column in columns)
    return f"{what} {_when(best, by)}: {count(top)}." if top and len(rows) > 1 else ""


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def jobs(rows: Sequence[Row], by: By) -> str:
    """Describe jobs by outcome."""
    return _joined(
        _added(rows, OUTCOME_WORDS),
        _most(rows, list(OUTCOME_WORDS), "Most", by),
        _most(rows, ["jobs_failed"], "Most failed", by),
    )


def starters(rows: Sequence[Row], by: By) -> str:
    """Describe jobs by starter."""
    return _joined(
        _added(rows, STARTER_WORDS),
        _most(rows, ["started_by_users", "started_by_devs"], "Most by people", by),
    )


def pass_rates(rows: Sequence[Row], by: By) -> str:
    """Describe pass rates: overall, and the extremes."""
    measured = [row for row in rows if row["pass_rate"] is not None]
    passed, failed = (sum(row[column] for row in measured) for column in ("jobs_passed", "jobs_failed"))
    over_all = pass_rate({"jobs_passed": passed, "jobs_failed": failed}) or 0.0
    whole = f"{share(over_all)} of {number(passed + failed, 'ended job')} passed."
    if len(measured) < 2:
        return whole
    low = min(measured, key=lambda row: row["pass_rate"])
    high = max(measured, key=lambda row: row["pass_rate"])
    lowest = f"Lowest {_when(low, by)}: {share(low['pass_rate'])};"
    return f"{whole} {lowest} highest {_when(high, by)}: {share(high['pass_rate'])}."


def exe_times(rows: Sequence[Row], by: By) -> str:
    """Describe execution times: the range of both series."""
    measured = [row for row in rows if row["median_exe_time"] is not None]
    timed = f"{number(sum(row['exe_time_count'] for row in measured), 'completed job')}."
    said = []
    for column, word in (("median_exe_time", "Median"), ("p95_exe_time", "95th percentile")):
        low = min(measured, key=lambda row: row[column])
        high = max(measured, key=lambda row: row[column])
        said.append(
            f"{word} from {human(low[column])} to {human(high[column])}, highest {_when(high, by)}."
            if len(measured) > 1
            else f"{word} {human(low[column])}."
        )
    return _joined(timed, *said)


def failures(rows: Sequence[Row], by: By) -> str:
    """Describe the calendar of failures."""
    total = sum(row["jobs_failed"] or 0 for row in rows)
    without = sum(row["jobs_failed"] == 0 for row in rows)
    if not total:
        return f"No failed jobs in {number(len(rows), by.value)}."
    spread = f"of which {count(without)} had none" if without else "some in each"
    return _joined(
        f"{number(total, 'failed job')} in {number(len(rows), by.value)}, {spread}.",
        _most(rows, ["jobs_failed"], "Most", by),
    )


def run_numbers(rows: Sequence[Row]) -> str:
    """Describe runs seen and missing, and which instrument misses most."""
    if not rows:
        return "No new run number was seen, and none was noticed missing."
    totals: dict[str, int] = {}
    missing: dict[str, int] = {}
    for row in rows:
        totals[row["state"]] = totals.get(row["state"], 0) + row["runs"]
        if row["state"] == "open":
            missing[row["instrument"]] = missing.get(row["instrument"], 0) + row["runs"]
    words = {"open": "still missing", "ignored": "ignored", "arrived": "came late"}
    parts = [f"{count(totals.get(state, 0))} {word}" for state, word in words.items() if totals.get(state)]
    told = ", ".join(parts) or "none missing"
    seen = f"{number(totals.get('seen', 0), 'new run number')} seen in time, {told}."
    worst = sorted(missing.items(), key=lambda pair: (-pair[1], name_key(pair[0])))
    if len(worst) < 2:
        return seen
    named = ", ".join(f"{printable(name)} {count(runs)}" for name, runs in worst[:_INSTRUMENTS_IN_A_SENTENCE])
    return f"{seen} Still missing: {named}{' and others' if len(worst) > _INSTRUMENTS_IN_A_SENTENCE else ''}."


def states(rows: Sequence[Row]) -> str:
    """Describe for how long instruments were up, down and unknown, and which was the least available."""
    by_name = {name: list(own) for name, own in groupby(rows, key=lambda row: printable(row["instrument"]))}
    known = share_up(rows)
    if known is None:
        return f"Of {number(len(by_name), 'instrument')}, no state is known within operating hours."
    down, unknown = (sum(row[f"{state}_seconds"] for row in rows) for state in ("down", "unknown"))
    lost = ", ".join(
        f"{word} for {human(time)}" for word, time in (("down", down), ("unknown", unknown)) if time
    )
    who = number(len(by_name), "instrument")
    whole = f"{who}: up for {share(known)} of the known time{lost and f', {lost}'}."
    shares = {name: share_up(own) for name, own in by_name.items()}
    worst = sorted((up, name) for name, up in shares.items() if up is not None and up < 1)
    if len(by_name) < 2 or not worst:
        return whole
    named = ", ".join(f"{name} {share(up)}" for up, name in worst[:_INSTRUMENTS_IN_A_SENTENCE])
    return (
        f"{whole} Least available: {named}{' and others' if len(worst) > _INSTRUMENTS_IN_A_SENTENCE else ''}."
    )

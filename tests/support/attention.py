"""`fct_attention`, recounted from the definitions over the rows of other marts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from math import ceil, floor, sqrt
from typing import Any

from autostats.verification.recount import Row
from autostats.verification.settings import Settings

Rules = Mapping[str, Any]
Marts = Mapping[str, Sequence[Row]]

HIGH = ("archive_only", "behind", "outage", "late")
DAY = timedelta(days=1)
WEEKS = range(1, 9)


def attention(marts: Marts, settings: Settings, rules: Rules | None = None) -> list[Row]:
    """Return a row for each instrument or table and subject that needs somebody; `rules` are the site's."""
    rows = [
        *_of_other_tables(marts),
        *_silent(marts, settings, rules or {}),
        *_pending(marts, settings, rules or {}),
        *_worse(marts, settings, rules or {}),
        *_new_problems(marts, settings),
    ]
    for row in rows:
        words = (row["subject"], row["instrument"] or "", row["what"], row["evidence"])
        row["attention_key"] = "|".join(words)
        row["severity"] = "high" if row["subject"] in HIGH else "medium"
    return rows


def _of_other_tables(marts: Marts) -> Iterator[Row]:
    silences = {row["instrument"]: row for row in marts["rpt_instrument_silence"]}
    missing = [
        row for row in marts["fct_missing_runs"] if (row["kind"], row["state"]) == ("archive_only", "open")
    ]
    for name in sorted({row["instrument"] for row in missing}):
        own = [row for row in missing if row["instrument"] == name]
        numbers = sorted(row["run_number"] for row in own)
        what = "1 run has" if len(own) == 1 else f"{len(own)} runs have"
        evidence = f"run {numbers[0]}" if len(own) == 1 else f"from run {numbers[0]} to {numbers[-1]}"
        since = min(row["noticed_at"] for row in own)
        yield _row(name, "archive_only", f"{what} a file and no job", evidence, since)
    for row in marts["dim_instruments"]:
        if row["is_behind"]:
            last = "none" if row["last_run_number"] is None else row["last_run_number"]
            behind = f"the archive has run {row['archive_last_run_number']}, the database {last}"
            since = silences[row["instrument"]]["last_created_at"]
            yield _row(row["instrument"], "behind", "the database is behind the archive", behind, since)
    for row in marts["fct_outages"]:
        if row["ended_at"] is None:
            reason = row.get("reason") or "no reason was given"
            yield _row(row["instrument"], "outage", "down", reason, row["started_at"])
    for row in marts["fct_table_freshness"]:
        if row["state"] == "stale":
            column = f"column {row['column_name']} on {row['server']}"
            yield _row(None, "stale_table", f"table {row['table_name']} is stale", column, row["since"])


def _silent(marts: Marts, settings: Settings, rules: Rules) -> Iterator[Row]:
    """Instruments without jobs, and a source without any."""
    expected = _expected_days(marts, settings)

    def awaited(since: datetime) -> float:
        spans = (min(day["ends_at"], settings.as_of) - max(day["starts_at"], since) for day in expected)
        return float(sum(max(span.total_seconds(), 0) for span in spans))

    silences = [row for row in marts["rpt_instrument_silence"] if row["last_created_at"] is not None]
    if silences:
        newest = max(row["last_created_at"] for row in silences)
        waited = awaited(newest)
        if waited > 26 * 3600:
            evidence = f"{_duration(waited)} without a job on days that usually have some"
            yield _row(None, "late", "no instrument has a new job", evidence, newest)
    for row in silences:
        rule, words = _rule(rules, "silent_for", row["instrument"])
        newest = row["last_created_at"]
        if rule is None:
            if row["is_unusual"]:
                before = f"the longest before took {row['longest_before'] or 0}"
                what = f"no job on {_counted(row['silent_days'], 'day')} with beam"
                yield _row(row["instrument"], "silent", what, before, newest)
        elif row["is_active"] and not row["is_paused"] and awaited(newest) > rule:
            what = f"no job for {_duration(awaited(newest))} of beam"
            yield _row(row["instrument"], "silent", what, words, newest)


def _expected_days(marts: Marts, settings: Settings) -> list[Row]:
    """Days with beam of the last eight weeks, if most such weekdays in the eight weeks before had jobs."""
    today = settings.local_day(settings.as_of)
    days = {row["day"]: row for row in marts["dim_days"] if today - 365 * DAY <= row["day"] <= today}
    is_cycle_known = any(row["cycle"] is not None for row in days.values())
    beam = {
        day
        for day, row in days.items()
        if not row["is_maintenance_day"] and (row["cycle"] is not None or not is_cycle_known)
    }
    busy = {row["day"] for row in marts["fct_instrument_daily"] if row["jobs_total"]}
    found = []
    for day in sorted(day for day in beam if day > today - 56 * DAY):
        before = [day - 7 * week * DAY for week in WEEKS if day - 7 * week * DAY in beam]
        if sum(other in busy for other in before) * 2 > len(before):
            found.append(days[day])
    return found


def _pending(marts: Marts, settings: Settings, rules: Rules) -> Iterator[Row]:
    jobs = [
        job
        for job in marts["fct_jobs"]
        if not job["is_deleted"]
        and job["created_at"] is not None
        and settings.as_of - 56 * DAY < job["created_at"] <= settings.as_of
    ]
    for name in sorted({job["instrument"] for job in jobs}):
        own = [job for job in jobs if job["instrument"] == name]
        rule, words = _rule(rules, "pending_for", name)
        stuck = []
        for job in own:
            if job["status"] in ("queued", "processing"):
                since = job["started_at"] if job["status"] == "processing" else None
                since = since or job["created_at"]
                usual = pending_limit(own, job["status"])
                if (settings.as_of - since).total_seconds() > (usual if rule is None else rule):
                    stuck.append((since, job["job_id"], job, usual))
        if stuck:
            stuck.sort(key=lambda each: each[:2])
            since, _, first, usual = stuck[0]
            names = [_job_name(job) for _, _, job, _ in stuck]
            age = _duration((settings.as_of - since).total_seconds())
            what = f"{names[0]} has been {first['status']} for {age}"
            more = f", and {len(stuck) - 1} more" if len(stuck) > 1 else ""
            listed = ", ".join([*names[:5], *(["..."] if len(names) > 5 else [])])
            evidence = f"{listed}; {words or f'unusual after {_duration(usual)}'}"
            yield _row(name, "pending", what + more, evidence, since)


def pending_limit(jobs: Iterable[Row], status: str) -> float:
    """Return after how many seconds in a status, a job of an instrument with these jobs is stuck."""
    seconds = []
    for job in jobs:
        if job["ended_at"] is not None and job["started_at"] is not None:
            first, last = (
                (job["created_at"], job["started_at"])
                if status == "queued"
                else (job["started_at"], job["ended_at"])
            )
            if last >= first:
                seconds.append((last - first).total_seconds())
    if len(seconds) < 20:
        return 86400
    quartile = _ranked(seconds, 75)
    return max(3600, quartile * (quartile / max(_ranked(seconds, 50), 1)) ** 4)


def _job_name(job: Row) -> str:
    run = "" if job["run_number"] is None else f" of run {job['run_number']}"
    return f"job {job['job_id']}{run}"


def _worse(marts: Marts, settings: Settings, rules: Rules) -> Iterator[Row]:
    """Instruments whose last whole day had more failures, or longer jobs, than usual."""
    last = settings.local_day(settings.as_of) - DAY
    starts = {row["day"]: row["starts_at"] for row in marts["dim_days"]}
    for name in sorted({row["instrument"] for row in marts["fct_instrument_daily"]}):
        own = [row for row in marts["fct_instrument_daily"] if row["instrument"] == name]
        failures = {
            row["day"]: row["jobs_failed"] / (row["jobs_passed"] + row["jobs_failed"])
            for row in own
            if row["jobs_passed"] + row["jobs_failed"] >= 10
        }
        times = {row["day"]: row["median_exe_time"] for row in own if row["exe_time_count"] >= 10}
        today = next((row for row in own if row["day"] == last), None)
        if today is None:
            continue
        if last in failures:
            jobs = today["jobs_passed"] + today["jobs_failed"]
            limit = failure_limit(failures, last, jobs)
            rule, words = _rule(rules, "pass_rate_below", name)
            is_worse = (
                (limit is not None and failures[last] > limit[1])
                if rule is None
                else today["pass_rate"] < rule
            )
            if is_worse:
                what = f"{today['jobs_failed']} of {_counted(jobs, 'job')} failed"
                usual = words or f"usually {_percent(limit[0])}, unusual above {_percent(limit[1])}"  # type: ignore[index]
                yield _row(name, "failure_rate", what, f"on {last}; {usual}", starts[last])
        if last in times:
            limit = time_limit(times, last, today["exe_time_count"])
            rule, words = _rule(rules, "p95_above", name)
            is_worse = (
                (limit is not None and times[last] > limit[1])
                if rule is None
                else today["p95_exe_time"] > rule
            )
            if is_worse:
                share = "half of the jobs" if rule is None else "one in twenty jobs"
                took = _duration(times[last] if rule is None else today["p95_exe_time"])
                usual = words or f"usually {_duration(limit[0])}, unusual above {_duration(limit[1])}"  # type: ignore[index]
                what = f"{share} took more than {took}"
                yield _row(name, "execution_time", what, f"on {last}; {usual}", starts[last])


def failure_limit(rates: Mapping[date, float], last: date, jobs: int) -> tuple[float, float] | None:
    """Return the usual failure rate and the highest usual one of a day with so many jobs, or None."""
    found = _usual(rates, last)
    if found is None:
        return None
    usual, spread = found
    chance = sqrt(max(usual, 0.05) * (1 - usual) / jobs)
    return usual, usual + max(5 * spread, 5 * chance, 0.1)


def time_limit(times: Mapping[date, float], last: date, jobs: int) -> tuple[float, float] | None:
    """Return the usual median execution time and the highest usual one (s) with so many jobs, or None."""
    found = _usual(times, last)
    if found is None:
        return None
    usual, spread = found
    return usual, usual + max(8 * spread, usual * max(1, 5 / sqrt(jobs)), 10)


def _usual(figures: Mapping[date, float], last: date) -> tuple[float, float] | None:
    """Return the median of the eight days most like the last one, and the median distance from it."""
    before = [day for day in figures if last - 56 * DAY <= day < last]
    if len(before) < 4:
        return None
    alike = sorted(before, key=lambda day: (day.weekday() != last.weekday(), last - day))[:8]
    usual = _ranked([figures[day] for day in alike], 50)
    return usual, _ranked([abs(figures[day] - usual) for day in alike], 50)


def _new_problems(marts: Marts, settings: Settings) -> Iterator[Row]:
    today = settings.local_day(settings.as_of)
    starts = {row["day"]: row["starts_at"] for row in marts["dim_days"]}
    for instrument in marts["dim_instruments"]:
        if instrument["first_day"] is None or instrument["first_day"] > today - 28 * DAY:
            continue
        found: dict[str, list[Row]] = {}
        for row in marts["fct_data_problems"]:
            is_recent = row["day"] is not None and today - 57 * DAY <= row["day"] <= today
            if row["instrument"] == instrument["instrument"] and is_recent:
                found.setdefault(row["problem"], []).append(row)
        new = {kind: rows for kind, rows in found.items() if min(row["day"] for row in rows) >= today - DAY}
        if new:
            order = sorted(new, key=lambda kind: (min(row["job_id"] for row in new[kind]), kind))
            named = (f"{kind.replace('_', ' ')} ({_counted(len(new[kind]), 'job')})" for kind in order)
            what = "1 kind of odd data is" if len(new) == 1 else f"{len(new)} kinds of odd data are"
            since = min(row["day"] for rows in new.values() for row in rows)
            name = instrument["instrument"]
            yield _row(name, "data_problems", f"{what} new", ", ".join(named), starts[since])


def _rule(rules: Rules, name: str, instrument: str) -> tuple[float | None, str]:
    """Return the site's rule for an instrument, and its words."""
    number = rules.get(instrument, {}).get(name, rules.get(name))
    return number, "" if number is None else f"the rule of the site is {name} = {number}"


def _ranked(values: Sequence[float], percent: int) -> float:
    return sorted(values)[ceil(len(values) * percent / 100) - 1]


def _counted(number: int, one: str) -> str:
    return f"{number} {one}{'' if number == 1 else 's'}"


def _percent(share: float) -> str:
    return f"{floor(100 * share + 0.5)} %"


def _duration(seconds: float) -> str:
    whole = floor(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s"
    if whole < 86400:
        return f"{whole // 3600}h {whole % 3600 // 60:02d}m"
    return f"{whole // 86400}d {whole % 86400 // 3600:02d}h"


def _row(instrument: str | None, subject: str, what: str, evidence: str, since: object) -> Row:
    return {
        "instrument": instrument,
        "subject": subject,
        "what": what,
        "evidence": evidence,
        "since": since,
    }

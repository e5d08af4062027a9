"""The days that a rebuild must name to reach the differences."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from datetime import date

from autostats.verification.jobs import Jobs
from autostats.verification.recount import arrivals


class Concerned:
    """The jobs behind each day and each run, as they are counted and as our copy has them."""

    def __init__(self, jobs: Jobs) -> None:
        self._on_day: dict[tuple[str, date | None], set[date | None]] = defaultdict(set)
        self._of_run: dict[tuple[str, int], set[date | None]] = defaultdict(set)
        self._numbers = {name: sorted(arrived) for name, arrived in arrivals(jobs.counted()).items()}
        for job, copy in jobs.images():
            # A run finds a job that our copy lacks without a rebuild.
            reached_by = job.day if copy is None else copy.day
            for day in {job.day, job.end_day}:
                self._on_day[job.instrument, day].add(reached_by)
            for number in job.numbers:
                self._of_run[job.instrument, number].add(reached_by)

    def days_of(
        self, instrument: str, run_number: int | None, day: date, *, is_missing: bool = False
    ) -> set[date]:
        """Return the days on which our copy has the jobs of a run, or of an instrument's `day`, and that day.

        There are none if a rebuild of days cannot reach it: without such jobs, or if one has no day.
        """
        if run_number is None:
            days = self._on_day.get((instrument, day), set())
        elif not is_missing:
            days = self._of_run.get((instrument, run_number), set())
        else:
            # The jobs of the numbers around a missing run determine when it was noticed.
            known = self._numbers.get(instrument, [])
            below, above = bisect_left(known, run_number), bisect_right(known, run_number)
            numbers = {run_number, *known[max(below - 1, 0) : below], *known[above : above + 1]}
            days = {one for number in numbers for one in self._of_run.get((instrument, number), set())}
        return set() if not days or None in days else {day, *(one for one in days if one is not None)}

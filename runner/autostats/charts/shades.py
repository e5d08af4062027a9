"""Which points of a chart along time lie in beam cycles or on weekends."""

from collections.abc import Mapping, Sequence

from autostats.queries.buckets import Bucket, By
from autostats.queries.series import Timeline

CYCLE, WEEKEND = "beam cycle", "weekend"
_SATURDAY = 5


def _is_mostly_within(bucket: Bucket, cycles: Sequence[Bucket]) -> bool:
    days = (bucket.last - bucket.first).days + 1
    within = (min(bucket.last, cycle.last) - max(bucket.first, cycle.first) for cycle in cycles)
    return 2 * sum(max(0, span.days + 1) for span in within) >= days


def shaded(line: Timeline, cycles: Sequence[Bucket]) -> Mapping[str, Sequence[str]]:
    """Return the labels of the buckets that lie mostly in beam cycles, and of the days on weekends."""
    in_cycles = [bucket.label for bucket in line.buckets if _is_mostly_within(bucket, cycles)]
    weekends = [
        bucket.label for bucket in line.buckets if line.by is By.DAY and bucket.first.weekday() >= _SATURDAY
    ]
    return {word: labels for word, labels in ((CYCLE, in_cycles), (WEEKEND, weekends)) if labels}

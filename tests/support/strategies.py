"""Nasty events: few instruments and run numbers, and times clustered around midnights and clock changes."""

from datetime import datetime

from hypothesis import strategies as st

from support.nights import UNTOUCHED, Anchor, Arrival, CleanUp, Deletion, Edit, Event, How, Renaming, When

STARTS = (
    datetime(2020, 3, 28, 22, 30),
    datetime(2020, 10, 24, 21, 59, 59),
    datetime(2020, 2, 10, 0, 0),
    datetime(2019, 12, 31, 23, 59, 59, 999999),
)
# The facility's and the source's.
ZONES = (
    ("Europe/London", "UTC"),
    ("Europe/London", "UTC"),
    ("Europe/London", "Europe/London"),
    ("Australia/Lord_Howe", "UTC"),
    ("America/New_York", "America/New_York"),
)

instruments = st.sampled_from(("WISH", "WISH", "WISH", "GEM O'é%", None))
run_numbers = st.sampled_from((1, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 14, 15, 16, 30, 0, -5))
number_lists = st.one_of(
    run_numbers.map(lambda number: (number,)),
    run_numbers.map(lambda number: (number,)),
    run_numbers.map(lambda number: (number,)),
    st.lists(run_numbers, max_size=4).map(tuple),
)
statuses = st.sampled_from(("e", "c", "e", "c", "e", "c", "q", "p", "s", "?", "Completed", "E"))
starters = st.sampled_from((0, -1, 7, None, -2))
rb_numbers = st.sampled_from((1820461, 0, 1910000))
hosts = st.sampled_from(
    ("reduce-01", "reduce-01", "reduce-02", "", " reduce-01 ", "h" * 255, "O'é%\"\\", None)
)
titles = st.sampled_from(("D2O, 25 C", "D2O, 25 C", "Probe <b>é</b> \"'\\", " ", "t" * 255, None))
softwares = st.sampled_from(("Mantid 6.2.0", "Mantid 6.2.0", "Mantid 6.1.0", "Mantid O'é%", None))
durations = st.one_of(
    st.none(), st.sampled_from((0, 5, 59.5, 3600, 7200, 86400, -5, 0.000001)), st.integers(1, 4000)
)
# Times that mean nothing, or not yet; every server can store them.
odd_times = (
    st.none()
    | st.none()
    | st.none()
    | st.tuples(
        st.sampled_from(("created", "started", "finished", "last_updated")),
        st.sampled_from(
            (
                datetime(2, 1, 1),
                datetime(1989, 12, 31, 12),
                datetime(2020, 3, 31, 12),
                datetime(2020, 10, 28),
                datetime(2021, 3, 1),
                datetime(9999, 1, 1),
            )
        ),
    )
)
anchors: st.SearchStrategy[Anchor] = st.sampled_from(
    ("now", "now", "midnight", "midnight", "spring", "autumn")
)
moments = st.builds(
    When,
    anchor=anchors,
    days_ago=st.sampled_from((0, 0, 0, 1, 2, 3, 4, 30)),
    seconds=st.sampled_from((0, -1, 1, -0.000001, 1800, 3599, 3600, -3600, -1800, 5400, 7200)),
)

arrivals = st.builds(
    Arrival,
    again=st.sampled_from((None, 0, 0, 1, 2, 5)),
    instrument=instruments,
    rb_number=rb_numbers,
    run_version=st.integers(0, 2),
    started_by=starters,
    status=statuses,
    batch_run=st.sampled_from((False,) * 7 + (True,)),
    run_numbers=number_lists,
    reduction_host=hosts,
    run_title=titles,
    software=softwares,
    created=moments,
    started=durations,
    finished=durations,
    skipped_ids=st.sampled_from((0, 0, 0, 2)),
    fills_hole=st.booleans(),
    odd=odd_times,
)
# A run that failed is tried again, usually soon: this is how runs get resolved.
reruns = st.builds(
    Arrival,
    again=st.integers(0, 4),
    rb_number=rb_numbers,
    started_by=starters,
    status=st.sampled_from(("c", "c", "e")),
    created=st.builds(When, seconds=st.sampled_from((0, -1, -600, -7200, -86400))),
    finished=st.none() | st.sampled_from((5, 65, 3600, 86400)),
)
untouched = st.just(UNTOUCHED)
edits = st.builds(
    Edit,
    which=st.integers(0, 8),
    status=untouched | statuses,
    started=untouched | durations,
    finished=untouched | durations,
    created=untouched | untouched | moments,
    run_numbers=untouched | untouched | number_lists,
    instrument=untouched | untouched | instruments,
    started_by=untouched | starters,
    rb_number=untouched | rb_numbers,
    batch_run=untouched | st.booleans(),
    reduction_host=untouched | untouched | hosts,
    run_title=untouched | untouched | titles,
    software=untouched | untouched | softwares,
    moves_last_updated=st.booleans(),
    of_any_age=st.sampled_from((False, False, False, True)),
    odd=odd_times,
)
renamings = st.one_of(
    st.builds(Renaming, subject=st.just("instrument"), old=st.sampled_from(("WISH", "GEM O'é%", "INTER 1"))),
    st.builds(Renaming, subject=st.just("status"), old=st.just("?")),
    st.builds(Renaming, subject=st.just("rb_number"), old=rb_numbers),
    st.builds(Renaming, subject=st.just("software"), old=st.sampled_from(("Mantid 6.2.0", "Mantid O'é%"))),
)
clean_ups = st.builds(CleanUp, instrument=st.sampled_from(("GEM O'é%", "INTER 1")))
deletions = st.builds(Deletion, which=st.integers(0, 20), how_many=st.sampled_from((1, 1, 1, 2, 9)))
events: st.SearchStrategy[list[Event]] = st.lists(
    st.one_of(arrivals, arrivals, reruns, reruns, edits, edits, deletions, renamings, clean_ups), max_size=10
)
moves = st.sampled_from(
    (
        When(seconds=3600),
        When(seconds=5 * 3600),
        When(days_ago=-1),
        When("midnight", -1),
        When("midnight", -1, -1),
        When("midnight", -1, 3600),
        When(days_ago=-2),
        When(days_ago=-3),
        When(days_ago=-20),
    )
)
ways: st.SearchStrategy[How] = st.sampled_from(
    ("run", "run", "run", "run", "no run", "no run", "rebuild", "full refresh", "in the past")
)

"""Nights made by hypothesis: a state machine that changes the source, runs, and recounts."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from support import strategies
from support.nights import Dbt, Event, How, When, World

QUICK = settings(
    max_examples=1,
    stateful_step_count=3,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


class Nights(RuleBasedStateMachine):
    """Nights with arbitrary events, most of them followed by one of our runs."""

    dbt: ClassVar[Dbt]
    folder: ClassVar[Path]
    nights: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(mkdtemp(dir=self.folder))

    @initialize(
        start=st.sampled_from(strategies.STARTS),
        zones=st.sampled_from(strategies.ZONES),
        jobs=st.lists(strategies.arrivals | strategies.reruns, min_size=5, max_size=15),
    )
    def begin(self, start: datetime, zones: tuple[str, str], jobs: list[Event]) -> None:
        self.world = World(self.dbt, self.root / "world", start, *zones)
        self.world.happen(*jobs)

    @rule(
        events=strategies.events,
        move=strategies.moves,
        how=strategies.ways,
        days_ago=st.integers(0, 40),
        length=st.integers(0, 20),
    )
    def night(self, events: list[Event], move: When, how: How, days_ago: int, length: int) -> None:
        world = self.world
        type(self).nights += 1
        world.clock = max(move.at(world.clock, world.facility_timezone), world.clock)
        world.happen(*events)
        first = world.settings().local_day(world.clock) - timedelta(days=days_ago)
        match how:
            case "run":
                world.run()
            case "rebuild":
                world.run(rebuilt=(first, first + timedelta(days=length)))
            case "full refresh":
                world.run(full_refresh=True)
            case "in the past":
                world.run(as_of=world.clock - timedelta(days=length, hours=days_ago))
            case "no run":
                pass

    def teardown(self) -> None:
        try:
            if hasattr(self, "world") and self.world.memory.seen:
                self.world.run()
                self.world.run(full_refresh=True)
                self.world.run_from_scratch()
        finally:
            shutil.rmtree(self.root)

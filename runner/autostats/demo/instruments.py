"""The instruments of the demonstration, the busiest first."""

from dataclasses import dataclass

# Name and how long a reduction typically takes, in seconds.
_INSTRUMENTS = (
    ("WISH", 210),
    ("GEM", 95),
    ("MARI", 330),
    ("POLARIS", 150),
    ("OSIRIS", 60),
    ("MUSR", 24),
    ("ENGINX", 45),
    ("MAPS", 1500),
    ("POLREF", 80),
    ("HRPD", 120),
    ("LET", 900),
    ("INTER", 40),
    ("SANS2D", 180),
    ("IRIS", 70),
    ("MERLIN", 700),
    ("LOQ", 100),
    ("TOSCA", 35),
    ("EMU", 20),
    ("HIFI", 22),
    ("OFFSPEC", 90),
    ("LARMOR", 240),
    ("ZOOM", 160),
    ("PEARL", 130),
    ("SXD", 400),
)
MOST = len(_INSTRUMENTS)


@dataclass(frozen=True)
class DemoInstrument:
    """One row of the generator's table of instruments."""

    id: int
    name: str
    weight: float
    seconds: int
    first_run: int
    is_paused: bool


def demo_instruments(count: int) -> list[DemoInstrument]:
    """Return `count` instruments, from 1 to `MOST`; the first has ten times the work of the last."""
    return [
        DemoInstrument(
            id=number,
            name=name,
            weight=10.0 ** (-(number - 1) / max(count - 1, 1)),
            seconds=seconds,
            first_run=20_011 + (number * 7_919) % 90_000,
            # One instrument is on hold during the last days: its jobs are skipped.
            is_paused=number == 9,
        )
        for number, (name, seconds) in enumerate(_INSTRUMENTS[:count], start=1)
    ]

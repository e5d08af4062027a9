"""`autostats listen` and `autostats run --select`, asked for what they cannot do."""

from pathlib import Path

import pytest
from autostats.bus.sources import chosen_bus
from autostats.errors import UsageError
from support.in_process import autostats as autostats
from support.installed import Autostats

AMQP = "amqp://me:s3cret@127.0.0.1:1//"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((None, "q", None, []), "No broker is named"),
        (("s3cret", "q", None, []), "--url is no URL"),
        (("amqp://me:s3cret@host:port/", "q", None, []), "--url is no URL"),
        ((AMQP, None, None, []), "No queue is named"),
        ((AMQP, "q", None, ["t"]), "--topic needs --exchange"),
        (("redis://:s3cret@127.0.0.1/0", "q", "e", []), "has no exchange"),
        (("redis://:s3cret@127.0.0.1/0", None, None, []), "has no exchange"),
    ],
)
def test_what_cannot_be_listened_to(
    arguments: tuple[str | None, str | None, str | None, list[str]], words: str
) -> None:
    with pytest.raises(UsageError) as error:
        chosen_bus(*arguments)
    assert words in str(error.value)
    assert error.value.remedy
    assert "s3cret" not in f"{error.value} {error.value.remedy}"


def test_a_bus_says_where_it_is_and_no_password() -> None:
    bus = chosen_bus(AMQP, "q", None, [])
    assert bus.place == "queue q of amqp://127.0.0.1:1//"
    assert "s3cret" not in repr(bus)
    assert chosen_bus(AMQP, None, "e", []).queue == "autostats"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--watch", "5s"), "--watch needs --select."),
        (("--select", "live", "--watch", "5"), "--watch 5 is no time such as 5s"),
        (("--select", "live", "--watch", "5s", "--as-of", "2020-02-11"), "does not go with --as-of"),
        (("--select", "live", "--watch", "5s", "--format", "json"), "--watch prints no summary as JSON"),
        (("--select", "live", "--full-refresh"), "--select builds no days again."),
        (("--select", "live", "--from", "2020-02-11"), "--select builds no days again."),
        (("--select", "live other"), "'live other' is not a tag."),
    ],
)
def test_what_cannot_be_selected(
    arguments: tuple[str, ...], words: str, autostats: Autostats, tmp_path: Path
) -> None:
    ran = autostats("run", "--home", tmp_path / "home", *arguments)
    assert ran.code == 2
    assert words in ran.err

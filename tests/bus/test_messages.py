"""What a message announces, and what is none."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from autostats.bus.fields import Fields, read_fields
from autostats.bus.messages import Malformed, Message
from autostats.errors import UsageError
from support.bus import announcement

NOW = datetime(2026, 11, 27, 12)


def message(content: object, **more: Any) -> Message:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Message("/queue/DataReady", body, NOW, **more)


def found(content: object, fields: Fields | None = None, **more: Any) -> list[tuple[Any, ...]]:
    rows = message(content, **more).rows(fields or Fields())
    return [(row["instrument"], row["run_number"], row["rb_number"]) for row in rows]


@pytest.mark.parametrize(
    ("given", "runs"),
    [(100, [100]), ("00100", [100]), ([100, "101", 100], [100, 101]), (2**63 - 1, [2**63 - 1])],
)
def test_a_message_of_the_reduction_service(given: object, runs: list[int]) -> None:
    assert found(announcement(given)) == [("WISH", run, "1910245") for run in runs]


def test_a_message_that_has_no_experiment() -> None:
    assert found({"instrument": " WISH ", "run_number": 1}) == [("WISH", 1, None)]
    assert found({"instrument": "WISH", "run_number": 1, "rb_number": 0}) == [("WISH", 1, "0")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "it is no JSON"),
        (b"\xff", "it is no JSON"),
        (b"[" * 100_000, "it is no JSON"),
        ([], "instrument is missing"),
        ("text", "instrument is missing"),
        (announcement(1, None), "instrument is missing"),
        (announcement(1, True), "instrument is missing"),
        (announcement(1, {"name": "WISH"}), "instrument is missing"),
        (announcement(1, "A\0"), "control characters"),
        (announcement(1, "x" * 201), "more than 200 characters"),
        (announcement(None), "run_number is 'None'"),
        (announcement([]), "run_number is missing"),
        (announcement(list(range(1, 10_002))), "more than 10,000"),
        (announcement(0), "run_number is '0'"),
        (announcement(-1), "run_number is '-1'"),
        (announcement(True), "run_number is 'True'"),
        (announcement(1.5), "run_number is '1.5'"),
        (announcement("1e3"), "run_number is '1e3'"),
        (announcement("\u0661"), "run_number is"),
        (announcement(2**63), "run_number is"),
        (announcement(1, rb_number=[]), None),
        (announcement(1, rb_number="x" * 201), "rb_number has more than"),
    ],
)
def test_what_announces_nothing(content: object, reason: str | None) -> None:
    if reason is None:
        assert found(content)
        return
    with pytest.raises(Malformed, match=reason) as error:
        message(content).rows(Fields())
    row = message(content).rejected(str(error.value))
    assert len(row["body"]) <= 1000
    assert row["body"].isprintable()


def test_what_a_message_is_known_by() -> None:
    keys = {
        "of the broker": message(announcement(1), message_id="b").rows(Fields())[0]["message_id"],
        "of its content": message(announcement(1)).rows(Fields())[0]["message_id"],
        "of other content": message(announcement(2)).rows(Fields())[0]["message_id"],
        "on another topic": Message("x", message(announcement(1)).body, NOW).rows(Fields())[0]["message_id"],
        "too long": message(announcement(1), message_id="é" * 300).rows(Fields())[0]["message_id"],
        "half a pair": message(announcement(1), message_id="\ud800").rows(Fields())[0]["message_id"],
        "its topic": Message("\ud800", message(announcement(1)).body, NOW).rows(Fields())[0]["message_id"],
    }
    assert keys["of the broker"] == "b"
    assert len(set(keys.values())) == len(keys)
    assert message(announcement(1)).rows(Fields())[0]["message_id"] == keys["of its content"]
    several = [row["message_id"] for row in message(announcement([5, 6, 5]), message_id="b").rows(Fields())]
    assert several == ["b", "b/6"]


def test_other_messages(tmp_path: Path) -> None:
    file = tmp_path / "bus.yml"
    file.write_text(
        "fields:\n"
        "  instrument: $.beamline\n"
        "  run_number: $.runs[*].number\n"
        "  rb_number: null\n"
        "  sent_at: $.time\n"
        "  message_id: $.id\n"
        "timezone: Europe/London\n"
    )
    fields = read_fields(file)
    content = {"beamline": "I22", "runs": [{"number": 7}, {"number": "8"}], "rb_number": 1, "id": 12}
    rows = message({**content, "time": "2026-07-01T12:00:00"}, message_id="b").rows(fields)
    assert [(row["message_id"], row["run_number"], row["rb_number"]) for row in rows] == [
        ("12", 7, None),
        ("12/8", 8, None),
    ]
    assert {row["sent_at"] for row in rows} == {datetime(2026, 7, 1, 11)}
    assert message(content, sent_at=NOW).rows(fields)[0]["sent_at"] == NOW
    with pytest.raises(Malformed, match="is not a time"):
        message({**content, "time": "soon"}).rows(fields)


def test_what_is_left_out_of_the_file_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "bus.yml"
    file.write_text("")
    assert read_fields(file).timezone == UTC
    assert found(announcement(1), read_fields(file)) == [("WISH", 1, "1910245")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fields: [", "line 1, is no YAML"),
        ("fields: 3", "has something else where `key: value` should be"),
        ("field: {}", "the unknown key 'field'"),
        ("fields: {run: $.run}", "the unknown key 'run'"),
        ("fields: {run_number: '$.run['}", "'$.run[', which is not a JSON path"),
        ("fields: {run_number: 3}", "'3', which is not a JSON path"),
        ("fields: {run_number: null}", "run_number has no path"),
        ("fields: {instrument: ''}", "is not a JSON path"),
        ("timezone: Mars/Olympus", "'Mars/Olympus' is not a time zone"),
        ("timezone: ../../etc/passwd", "is not a time zone"),
    ],
)
def test_a_file_that_is_wrong(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "bus.yml"
    file.write_text(text)
    with pytest.raises(UsageError) as error:
        read_fields(file)
    assert words in str(error.value)
    assert error.value.remedy

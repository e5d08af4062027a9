"""Which files of a page are of a file type: all names at once, or one by one where that is not safe."""

import re
from unittest.mock import PropertyMock, patch

import pytest
from autostats.archive.definitions import NEXUS, FileType
from autostats.archive.look import _matching
from hypothesis import given, settings
from hypothesis import strategies as st

PATTERNS = [
    NEXUS.pattern,
    r"^(?P<prefix>[A-Za-z_]+?)0*(?P<run>\d+)\.(nxs|raw)$",
    r"^(?P<run>\d+)\s(?P<prefix>\w*)$",
    r"^(?P<prefix>[^0-9]*)(?P<run>\d+)[^x]*$",
    r"^(?P<prefix>a)?(?P<run>\d*)(?!.*b)$",
    r"(?P<prefix>[a-z]*)(?P<run>\d+)",
    r"^(?P<prefix>a)(?P<run>1)|b$",
    r"^(?P<run>\d+)$",
    r"(?s)^(?P<prefix>.)(?P<run>\d).*$",
]
PARTS = [*"aAb_01.\n ", "nxs", "raw", "WISH", "\u0130"]
WHOLE = ["WISH00000102.nxs", "wish103.RAW", "SANS2D00041234.nxs", "12 x", "a1"]
NAMES = st.lists(st.sampled_from(PARTS), max_size=6).map("".join)


@pytest.mark.parametrize("pattern", PATTERNS)
@settings(max_examples=60)
@given(names=st.lists(NAMES | st.sampled_from(WHOLE), max_size=5), any_prefix=st.booleans())
def test_all_at_once_find_what_each_alone_does(pattern: str, names: list[str], any_prefix: bool) -> None:
    page = [(f"folder/{name}" if place % 2 else name, place, 1.0) for place, name in enumerate(names)]
    found = _matching(FileType("x", pattern), page, any_prefix=any_prefix)
    with patch.object(FileType, "of_lines", new_callable=PropertyMock, return_value=None):
        assert _matching(FileType("x", pattern), page, any_prefix=any_prefix) == found
    regex = re.compile(pattern, re.IGNORECASE)
    count = sum(1 for path, _, _ in page if regex.search(path[path.rfind("/") + 1 :]))
    assert sum(len(files) for files, _ in found.values()) == count


def test_which_patterns_are_of_whole_names() -> None:
    assert [FileType("x", pattern).of_lines is not None for pattern in PATTERNS] == [
        *(True, True, True, True),
        *(False, False, False, False, False),
    ]

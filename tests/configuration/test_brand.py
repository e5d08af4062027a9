"""The facility's logo: what is accepted, what is refused with which sentence, and where it is looked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from autostats.brand import Brand
from autostats.configuration.brand import configured_brand, facility_name
from autostats.configuration.resolve import configure
from autostats.home import Home
from autostats.logo import MOST_BYTES, BadLogo, checked_logo, read_logo
from support.logos import PNG, svg


@pytest.mark.parametrize(
    "content",
    [
        svg('<defs><g id="a"/></defs><use xlink:href="#a"/><path fill="url(#a)" style="fill: url(\'#a\')"/>'),
        svg("<style>.a { fill: red }</style>", '<?xml version="1.0" encoding="UTF-8"?>'),
        svg("", '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">'),
        svg('<image href="data:image/png;base64,AAAA"/>'),
        svg('<g xmlns:i="http://www.inkscape.org/" i:label="a\\b" i:export="C:\\x.png"/>'),
    ],
)
def test_pictures_as_drawing_programs_write_them(content: bytes) -> None:
    assert checked_logo(content).media_type == "image/svg+xml"
    assert checked_logo(PNG).media_type == "image/png"


@pytest.mark.parametrize(
    ("inside", "problem"),
    [
        ("<script>alert(1)</script>", "the element script"),
        ("<foreignObject/>", "the element foreignobject"),
        ('<p xmlns="http://www.w3.org/1999/xhtml"/>', "the element p"),
        ('<g onload="alert(1)"/>', "the script onload"),
        ('<set attributeName="xlink:href" to="javascript:a"/>', "an animation of xlink:href"),
        ('<animate attributeName="onclick"/>', "an animation of onclick"),
        ('<a xlink:href=" JavaScript:alert(1)"/>', "a reference to ' JavaScript:alert(1)'"),
        ('<image href="https://tracker.example/a.png"/>', "a reference to 'https://tracker.example/a.png'"),
        ('<image href="data:image/svg+xml,a"/>', "a reference to"),
        ('<use href="other.svg#a"/>', "a reference to 'other.svg#a'"),
        ('<g xml:base="https://a.example"/>', "a reference to"),
        ("<style>@im<!-- -->port 'https://a.example'</style>", "in its style"),
        ("<style>a { fill: url( 'https://a.example') }</style>", "in its style"),
        ("<g style=\"background: image-set('a.png' 1x)\"/>", "in its style"),
        ('<g fill="u\\72l(https://a.example)"/>', "in its style"),
        ('<g filter="URL(//a.example)"/>', "in its style"),
    ],
)
def test_what_could_do_anything_is_refused(inside: str, problem: str) -> None:
    with pytest.raises(BadLogo, match=r"^contains ") as refused:
        checked_logo(svg(inside))
    assert problem in str(refused.value)
    assert refused.value.remedy == "Export it as a plain SVG, or as a PNG."


@pytest.mark.parametrize(
    "before",
    ['<!DOCTYPE svg [<!ENTITY a "aaaa">]>', '<?xml-stylesheet href="https://a.example/a.css"?>'],
)
def test_declarations_and_outside_style_sheets_are_refused(before: str) -> None:
    with pytest.raises(BadLogo, match=r"^contains "):
        checked_logo(svg("", before))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is neither an SVG nor a PNG file"),
        (b"GIF89a", "is neither an SVG nor a PNG file"),
        (b"<html><svg/></html>", "is neither an SVG nor a PNG file"),
        (svg("<g>"), "is neither an SVG nor a PNG file"),
        (b"<?xml version='1.0' encoding='none'?><svg/>", "is neither an SVG nor a PNG file"),
        (PNG[:40], "is not a whole PNG file"),
        (PNG + bytes(MOST_BYTES), "is larger than 200 kB"),
        (PNG + bytes(MOST_BYTES - len(PNG)), None),
    ],
)
def test_files_that_are_no_logos(tmp_path: Path, content: bytes, problem: str | None) -> None:
    file = tmp_path / "logo"
    file.write_bytes(content)
    if problem is None:
        assert read_logo(file).content == content
        return
    with pytest.raises(BadLogo, match=f"^{problem}$") as refused:
        read_logo(file)
    assert refused.value.remedy


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadLogo, match=r"^does not exist$"):
        read_logo(tmp_path / "none")
    with pytest.raises(BadLogo, match=r"^is not a file$"):
        read_logo(tmp_path)


def test_a_relative_path_begins_in_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path / "home")
    home.root.mkdir()
    home.settings_file.write_text('facility_name = " A\\n Source "\nlogo = "logo.png"\n')
    (home.root / "logo.png").write_bytes(PNG)
    monkeypatch.chdir(tmp_path)
    told: list[str] = []
    brand = configured_brand(configure(home, environment={}), told.append)
    assert brand.facility_name == facility_name(configure(home, environment={})) == "A Source"
    assert brand.logo is not None
    assert brand.logo.content == PNG
    assert (brand.logo_address or "").startswith("data:image/png;base64,iVBOR")
    assert told == []
    assert brand.mark != Brand("A Source").mark != Brand().mark


def test_a_logo_that_cannot_be_used_is_left_out(tmp_path: Path) -> None:
    told: list[str] = []
    environment = {"AUTOSTATS_LOGO": "none.svg", "AUTOSTATS_FACILITY_NAME": "A Source"}
    brand = configured_brand(configure(Home(tmp_path), environment=environment), told.append)
    assert brand == Brand("A Source")
    assert told == [
        f"The logo {tmp_path}/none.svg does not exist. Name an SVG or PNG file as `logo`. "
        "The page comes without it."
    ]

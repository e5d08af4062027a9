"""Logos: SVG or PNG files that are small, and that do nothing but show a picture."""

import re
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 200_000
_PNG, _SVG = "image/png", "image/svg+xml"
_PNG_BEGINS, _PNG_ENDS = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
# expat puts it between a namespace and a name.
_BETWEEN = " "
_SVG_ROOT = f"http://www.w3.org/2000/svg{_BETWEEN}svg"
_ACTIVE = {"script", "foreignobject", "handler", "listener", "iframe", "object", "embed", "audio", "video"}
_INSIDE = r"(?:#|data:(?:image/(?:png|jpeg|gif|webp)|font/))"
_OWN = re.compile(rf"\s*{_INSIDE}", re.IGNORECASE)
# A backslash could spell any of the others.
_FOREIGN_STYLE = re.compile(
    rf"""@import|image-set\(|\bsrc\(|\\|url\((?!\s*["']?\s*{_INSIDE})""", re.IGNORECASE
)


class BadLogo(ValueError):
    """A file that is no logo: what is wrong, after its path, and what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.remedy = remedy


@dataclass(frozen=True)
class Logo:
    """A picture that has been checked, as it is in its file."""

    media_type: str
    content: bytes


def read_logo(path: Path) -> Logo:
    """Return the logo in a file. Raises BadLogo when it cannot be read, is too large, or may do harm."""
    try:
        if not path.is_file():
            raise BadLogo(
                "is not a file" if path.exists() else "does not exist", "Name an SVG or PNG file as `logo`."
            )
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadLogo(
            f"cannot be read: {error.strerror or error}", "Give this account read access to it."
        ) from error
    if len(content) > MOST_BYTES:
        raise BadLogo(
            f"is larger than {MOST_BYTES // 1000} kB", "Every page contains it: export a smaller one."
        )
    return checked_logo(content)


def checked_logo(content: bytes) -> Logo:
    """Return a logo from the content of its file. Raises BadLogo for what is neither a PNG nor a safe SVG."""
    if content.startswith(_PNG_BEGINS):
        if content[12:16] != b"IHDR" or _PNG_ENDS not in content:
            raise BadLogo("is not a whole PNG file", "Export it again.")
        return Logo(_PNG, content)
    _check_svg(content)
    return Logo(_SVG, content)


def _check_svg(content: bytes) -> None:
    """Raise BadLogo unless the content is an SVG without scripts, without HTML and without outside files."""
    from xml.parsers.expat import ExpatError, ParserCreate

    parser = ParserCreate(namespace_separator=_BETWEEN)
    styles: list[list[str]] = []
    has_root = False

    def doctype(name: str, system: str | None, public: str | None, has_declarations: bool) -> None:
        if has_declarations:
            raise _unsafe("declarations of its own")

    def instruction(target: str, data: str) -> None:
        if target.lower() == "xml-stylesheet":
            raise _unsafe("a style sheet from outside")

    def start(element: str, attributes: dict[str, str]) -> None:
        nonlocal has_root
        if not has_root and element != _SVG_ROOT:
            raise _no_picture()
        has_root = True
        name = _local(element)
        if name in _ACTIVE or "/xhtml" in element:
            raise _unsafe(f"the element {name}")
        for attribute, value in attributes.items():
            _check_attribute(_local(attribute), value)
            # Style is in attributes without a namespace, and in none of those of drawing programs.
            if _BETWEEN not in attribute:
                _check_style(value)
        if name == "style":
            styles.append([])

    def text(data: str) -> None:
        if styles:
            styles[-1].append(data)

    parser.StartDoctypeDeclHandler = doctype
    parser.ProcessingInstructionHandler = instruction
    parser.StartElementHandler = start
    parser.CharacterDataHandler = text
    try:
        parser.Parse(content, True)
    except (ExpatError, UnicodeError, LookupError) as error:
        raise _no_picture() from error
    for style in styles:
        _check_style("".join(style))


def _check_attribute(name: str, value: str) -> None:
    if name.startswith("on"):
        raise _unsafe(f"the script {name}")
    if name == "attributename" and (value.lower().startswith("on") or _local(value).endswith("href")):
        raise _unsafe(f"an animation of {value}")
    if name in ("href", "src", "base") and not _OWN.match(value):
        raise _unsafe(f"a reference to {value[:60]!r}")


def _check_style(text: str) -> None:
    if found := _FOREIGN_STYLE.search(text):
        raise _unsafe(f"a reference or an escape in its style, {text[found.start() :][:60]!r}")


def _local(name: str) -> str:
    """Return the name of an element or attribute without its namespace or prefix, in lower case."""
    return re.split(r"[ :]", name)[-1].lower()


def _unsafe(what: str) -> BadLogo:
    return BadLogo(f"contains {what}", "Export it as a plain SVG, or as a PNG.")


def _no_picture() -> BadLogo:
    return BadLogo("is neither an SVG nor a PNG file", "Export it as one of them.")

"""One fault: a place in a file, and the text that replaces what is there."""

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True)
class Fault:
    """A fault: `text` replaces what `path`, whose content is `source`, has from `start` up to `end`."""

    path: str
    source: str
    start: int
    end: int
    text: str

    @property
    def planted(self) -> str:
        """The whole text of the file with the fault in it."""
        return self.source[: self.start] + self.text + self.source[self.end :]

    @property
    def line(self) -> int:
        """The number of the line on which the fault begins."""
        return self.source.count("\n", 0, self.start) + 1

    @property
    def before(self) -> str:
        """The lines that the fault changes, on one line."""
        return self._lines(self.source, self.end)

    @property
    def after(self) -> str:
        """The same lines with the fault in them."""
        return self._lines(self.planted, self.start + len(self.text))

    def _lines(self, text: str, end: int) -> str:
        first = text.rfind("\n", 0, self.start) + 1
        last = text.find("\n", end)
        return " ".join(text[first : len(text) if last < 0 else last].split())

    @property
    def key(self) -> str:
        """What distinguishes it from every other fault, in this or any other version of the file."""
        return sha256(f"{self.path}\n{self.planted}".encode()).hexdigest()[:20]

    def __str__(self) -> str:
        return f"{self.path}:{self.line}\n  - {self.before}\n  + {self.after}"

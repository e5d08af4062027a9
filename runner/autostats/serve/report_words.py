"""What a client may say about the report that it wants, and the command that makes it."""

import json
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from autostats.queries.buckets import By
from autostats.queries.comparison import Against

# Checked at once, and so that nothing is kept that cannot be meant.
_Day = Annotated[str, StringConstraints(pattern=r"^(\d{4}-\d\d(-\d\d)?|yesterday|today)$")]
_Span = Annotated[str, StringConstraints(pattern=r"^(\d{1,4}[dwmy]|yesterday|today)$")]
_Cycle = Annotated[str, StringConstraints(pattern=r"^[\w/.-]{1,16}$")]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]


class ReportFormat(StrEnum):
    """The formats of a report."""

    HTML = "html"
    CSV = "csv"
    JSON = "json"
    MD = "md"
    PROMETHEUS = "prometheus"
    XLSX = "xlsx"
    PARQUET = "parquet"


class ReportWords(BaseModel):
    """A report, in the words of `autostats report`."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    from_: _Day | None = Field(None, alias="from", description="First day, such as 2020-02-11 or 2020-02.")
    to: _Day | None = Field(None, description="Last day, included.")
    last: _Span | None = Field(None, description="A span, such as 7d, 2w, 3m, 1y or yesterday.")
    cycle: _Cycle | None = Field(None, description="A beam cycle, such as 2019/03.")
    instruments: list[_Name] = Field([], max_length=100, description="Without any: all.")
    compare: Against | None = Field(None, description="The period to compare with.")
    by: By | None = Field(None, description="What to break the period down into.")
    all: StrictBool = Field(False, description="All that there is to show besides the summary.")
    format: ReportFormat = Field(ReportFormat.HTML, description="The format of the file.")

    @property
    def arguments(self) -> list[str]:
        """The arguments of `autostats report`. What a client says is never taken for an option."""
        options = {
            "from": self.from_,
            "to": self.to,
            "last": self.last,
            "cycle": self.cycle,
            "compare": self.compare,
            "by": self.by,
            "format": self.format,
        }
        given = [f"--{name}={value}" for name, value in options.items() if value is not None]
        return [*given, *(["--all"] if self.all else []), "--", *self.instruments]

    @property
    def key(self) -> str:
        """The words in one order, so that the same report is recognised."""
        words = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return json.dumps(words | {"instruments": sorted(set(self.instruments))}, sort_keys=True)

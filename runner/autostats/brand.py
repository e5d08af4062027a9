"""The facility that pages and mails are of: its name and its logo."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cached_property

from autostats.logo import Logo


@dataclass(frozen=True)
class Brand:
    """What a facility calls itself, and its logo; None where it has not said."""

    facility_name: str | None = None
    logo: Logo | None = None

    def titled(self, title: str) -> str:
        """Return a title that begins with the facility."""
        return f"{self.facility_name}: {title}" if self.facility_name else title

    @cached_property
    def logo_address(self) -> str | None:
        """The logo as a `data:` URI, which a browser shows without asking anybody for it."""
        if self.logo is None:
            return None
        return f"data:{self.logo.media_type};base64,{base64.b64encode(self.logo.content).decode()}"

    @cached_property
    def mark(self) -> str:
        """A short text that differs from that of any other brand, for what caches keep."""
        return hashlib.sha256(repr((self.facility_name, self.logo_address)).encode()).hexdigest()[:16]


NO_BRAND = Brand()

"""The fonts for pages under test: the same on every machine, whatever is installed there."""

from pathlib import Path

import pymupdf_fonts  # type: ignore[import-untyped]

# Its names for Noto Sans, for what Noto Sans lacks, and for Cascadia Mono.
_FONTS = ("notos", "notosbo", "notosit", "symbol2", "math", "cascadia", "cascadiab")
_CONFIGURATION = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{folder}</dir>
  <cachedir>{folder}</cachedir>
  <match target="pattern">
    <test name="family" qual="any"><string>monospace</string></test>
    <edit name="family" mode="assign"><string>Cascadia Mono</string></edit>
  </match>
  <match target="pattern">
    <edit name="family" mode="append"><string>Noto Sans</string></edit>
  </match>
  <match target="font">
    <edit name="antialias"><bool>true</bool></edit>
    <edit name="hinting"><bool>false</bool></edit>
    <edit name="rgba"><const>none</const></edit>
  </match>
</fontconfig>
"""


def write_fonts(folder: Path) -> Path:
    """Write the fonts to a folder; return a configuration with only these fonts, for FONTCONFIG_FILE."""
    for name in _FONTS:
        (folder / f"{name}.ttf").write_bytes(pymupdf_fonts.myfont(name))
    configuration = folder / "fonts.conf"
    configuration.write_text(_CONFIGURATION.format(folder=folder), encoding="utf-8")
    return configuration

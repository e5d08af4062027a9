"""A logo of each kind."""

from base64 import b64decode

PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


def svg(inside: str, before: str = "") -> bytes:
    """Return an SVG with elements in it, and with something before its root."""
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'{before}<svg viewBox="0 0 160 48" {spaces}>{inside}</svg>'.encode()

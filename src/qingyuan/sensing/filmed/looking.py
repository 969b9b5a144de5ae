"""Any bytes held against the forms of clips and stills that a browser shows."""

from io import BytesIO

from PIL import Image

from qingyuan.sensing.filmed import mp4, webm
from qingyuan.sensing.filmed.film import EXPECTED, LARGEST, LONGEST_S, BadFilm, Film

LARGEST_PIXELS = 80_000_000  # as of a photo
TYPES = {"JPEG": "image/jpeg", "PNG": "image/png"}
STARTS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}
WEBM = b"\x1a\x45\xdf\xa3"
_BROKEN = (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning)


def look(raw: bytes) -> Film:
    """What a clip or a still says of itself; nothing else than its bytes is believed.

    Raises
    ------
    BadFilm
        They are none, or none that every browser shows.
    """
    if not 0 < len(raw) <= LARGEST:
        raise BadFilm(f"found a file of {len(raw)} bytes, expected 1 to {LARGEST}")
    still = next((form for start, form in STARTS.items() if raw.startswith(start)), "")
    if still:
        return _still(raw, still)
    if raw[4:8] == b"ftyp":
        found = mp4.look(raw)
    elif raw.startswith(WEBM):
        found = webm.look(raw)
    else:
        raise BadFilm(f"found a file that begins with {raw[:8].hex(' ')}, expected {EXPECTED}")
    if not 0 < found.duration_s <= LONGEST_S:
        raise BadFilm(
            f"found a clip of {found.duration_s:.0f} seconds, expected more than 0 and at most {LONGEST_S:.0f}"
        )
    return found


def _still(raw: bytes, form: str) -> Film:
    try:
        with Image.open(BytesIO(raw), formats=[form]) as image:
            if image.width * image.height > LARGEST_PIXELS:
                raise ValueError("too many pixels")
            image.load()
            return Film(TYPES[form], form, image.width, image.height)
    except _BROKEN as error:
        raise BadFilm(f"found a damaged {form}, expected a whole one of at most {LARGEST_PIXELS} pixels") from error

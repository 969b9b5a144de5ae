"""What the bytes of a clip or a still say of themselves."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of one clip or still, by whatever door: what a watched folder takes; our own choice. [B]"""

LONGEST_S: Final = 24 * 3600.0
"""Of one clip; our own choice, so that looking for what shows an instant need not go further back. [s]"""

EXPECTED: Final = "MP4 with H.264, AV1 or VP9, WebM with VP8, VP9 or AV1, JPEG or PNG"


class BadFilm(ValueError):
    """The bytes are no clip or still that a browser plays; says what was found and what was expected."""


@dataclass(frozen=True)
class Film:
    """A clip, or a still, which lasts no time. Sizes in pixels; 0 where the container does not say. [s]"""

    content_type: str
    codec: str
    width: int
    height: int
    duration_s: float = 0.0

    @property
    def is_clip(self) -> bool:
        return self.content_type.startswith("video/")


@dataclass(frozen=True)
class Filmed:
    """A film with what its sender says: which camera, and when its first picture was taken by the camera's clock."""

    camera: str
    told_at: datetime
    film: Film

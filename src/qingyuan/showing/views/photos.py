"""Photos of a case's file: the bytes as they were filed, and a small picture for lists."""

from io import BytesIO

from django.http import HttpResponse
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from qingyuan.inspecting.errors import PhotoDamaged
from qingyuan.inspecting.queries import media, photo_bytes
from qingyuan.kit.errors import NotFound
from qingyuan.showing.request import Request

SMALL = (480, 480)
FOR_A_YEAR = "private, max-age=31536000, immutable"  # the address stands for bytes that cannot change


def photo(request: Request, media_id: int) -> HttpResponse:
    """The photo, byte for byte."""
    found = media(request.user, media_id)
    answer = HttpResponse(_bytes(request, media_id), content_type=found.content_type)
    answer.headers["Cache-Control"] = FOR_A_YEAR
    answer.headers["ETag"] = f'"{found.sha256}"'
    return answer


def small(request: Request, media_id: int) -> HttpResponse:
    """The photo as a JPEG of at most 480 pixels, turned the way the camera was held."""
    with Image.open(BytesIO(_bytes(request, media_id))) as image:
        turned = ImageOps.exif_transpose(image).convert("RGB")
        turned.thumbnail(SMALL)
        body = BytesIO()
        turned.save(body, "JPEG", quality=80)
    return HttpResponse(body.getvalue(), content_type="image/jpeg", headers={"Cache-Control": FOR_A_YEAR})


def _bytes(request: Request, media_id: int) -> bytes:
    try:
        return photo_bytes(media(request.user, media_id))
    except PhotoDamaged as error:
        raise NotFound(_("The photo is not what was filed: %(why)s") % {"why": error}) from error

"""Records of inspections and rectifications: complete, kept once, with photos byte for byte."""

import hashlib
import threading
from datetime import UTC, date, datetime
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from casefile import INSPECTION, OFFICE, RECTIFICATION, inspect, jpeg, rectify, walk
from django.db import connection, transaction
from PIL import ExifTags, Image

from qingyuan.dispatching.queries import case as case_seen_by
from qingyuan.inspecting.api import Photo, record_inspection, record_rectification
from qingyuan.inspecting.errors import PhotoDamaged
from qingyuan.inspecting.queries import Inspection, Media, inspections, media, photo_bytes, rectifications
from qingyuan.kit import log
from qingyuan.kit.errors import BadInput, NotFound, Refused

pytestmark = pytest.mark.django_db


def record(case: Any, user: Any, *photos: Photo, **changes: Any) -> Inspection:
    values = {**INSPECTION, "client_id": uuid4(), **changes}
    return record_inspection(case.pk, user, OFFICE, values=values, photos=photos)


@pytest.mark.mission("S4-09")
def test_an_inspection_keeps_its_three_parts_and_where_it_was_made(case: Any, cast: SimpleNamespace) -> None:
    made = record(case, cast.grid_worker, notes="曝气机停运", device_at="2026-11-22T10:31:00+08:00")
    kept = inspections(case).get()
    assert kept == made
    assert (kept.production_state, kept.discharge_state, kept.treatment_state) == ("normal", "abnormal", "stopped")
    assert (kept.by, kept.task.state, kept.notes) == (cast.grid_worker, "inspecting", "曝气机停运")
    assert kept.device_at == datetime(2026, 11, 22, 2, 31, tzinfo=UTC)
    assert kept.distance_m == pytest.approx(9.64, abs=0.1)  # 0.0001° of longitude at 30.1° N


def test_the_record_is_in_the_file_of_the_case_and_in_the_log(case: Any, cast: SimpleNamespace) -> None:
    made = inspect(case, cast.grid_worker)
    filed = case_seen_by(cast.leader, case.pk).evidence.get(kind="inspection")
    assert (filed.subject, filed.photos, filed.added_by) == (f"inspection/{made.pk}", 1, cast.grid_worker)
    (line,) = log.about(f"inspection/{made.pk}")
    assert (line.act, line.actor, line.origin) == ("InspectionRecorded", "grid_worker", "10.0.0.7")
    assert line.detail["photos"] == [hashlib.sha256(jpeg()).hexdigest()]


@pytest.mark.parametrize("missing", ["production_state", "discharge_state", "treatment_state", "conclusion"])
def test_a_part_that_is_missing_is_named(case: Any, cast: SimpleNamespace, missing: str) -> None:
    with pytest.raises(BadInput) as error:
        record(case, cast.grid_worker, **{missing: ""})
    assert error.value.field == missing


@pytest.mark.parametrize(
    ("field", "value"),
    [("production_state", "sleeping"), ("lat", 91), ("accuracy_m", -1), ("lon", "east"), ("device_at", "yesterday")],
)
def test_a_value_that_cannot_be_is_named(case: Any, cast: SimpleNamespace, field: str, value: Any) -> None:
    with pytest.raises(BadInput) as error:
        record(case, cast.grid_worker, **{field: value})
    assert error.value.field == field
    assert not Inspection.objects.exists()


def test_sent_twice_it_is_kept_once_also_after_the_case_moved_on(case: Any, cast: SimpleNamespace) -> None:
    number = uuid4()
    first = record(case, cast.grid_worker, Photo("a.jpg", jpeg()), client_id=number)
    lines = log.verify()
    assert record(case, cast.grid_worker, Photo("a.jpg", jpeg()), client_id=number) == first
    assert log.verify() == lines
    walk(case, cast, "confirm")
    assert record(case, cast.grid_worker, client_id=str(number)) == first
    with pytest.raises(Refused):
        record(case, cast.handler, client_id=number)


@pytest.mark.parametrize("number", ["", "17", None])
def test_a_record_without_its_own_number_is_refused(case: Any, cast: SimpleNamespace, number: Any) -> None:
    with pytest.raises(BadInput) as error:
        record(case, cast.grid_worker, client_id=number)
    assert error.value.field == "client_id"


def test_a_photo_is_kept_byte_for_byte_with_what_its_header_says(case: Any, cast: SimpleNamespace) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2026:11:22 10:30:05"
    sent = jpeg("red", exif=exif)
    made = record(case, cast.grid_worker, Photo("../../IMG_1.jpg", sent))
    photo = made.media.get()
    assert photo_bytes(photo) == sent
    assert (photo.sha256, photo.size) == (hashlib.sha256(sent).hexdigest(), len(sent))
    assert (photo.content_type, photo.width, photo.height, photo.name) == ("image/jpeg", 64, 48, "IMG_1.jpg")
    assert photo.taken_at == datetime(2026, 11, 22, 2, 30, 5, tzinfo=UTC)
    with Image.open(BytesIO(photo_bytes(photo))) as image:
        assert image.getexif()[ExifTags.Base.Orientation] == 6


def test_the_same_photo_twice_counts_once(case: Any, cast: SimpleNamespace) -> None:
    made = record(case, cast.grid_worker, Photo("a.jpg", jpeg()), Photo("b.jpg", jpeg()), Photo("c.jpg", jpeg("red")))
    assert made.media.count() == 2


def noise(kind: str) -> bytes:
    file = BytesIO()
    Image.effect_noise((256, 256), 50).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a", b"<svg/>", b"\xff\xd8\xff\xe0 not a photo", noise("JPEG")[:9000], noise("PNG")[:9000]],
    ids=["empty", "gif", "svg", "only a head", "cut jpeg", "cut png"],
)
def test_what_is_no_whole_image_is_refused_by_name_and_nothing_is_kept(
    case: Any, cast: SimpleNamespace, content: bytes
) -> None:
    with pytest.raises(BadInput, match=r"outlet\.jpg") as error, transaction.atomic():
        record(case, cast.grid_worker, Photo("outlet.jpg", content))
    assert error.value.field == "photos"
    assert not Inspection.objects.exists()


def test_a_photo_above_the_size_limit_is_refused_with_both_sizes(case: Any, cast: SimpleNamespace) -> None:
    with pytest.raises(BadInput, match=r"16\.0 MB.*15 MB"):
        record(case, cast.grid_worker, Photo("big.jpg", jpeg() + bytes(16 * 2**20 - len(jpeg()))))


def test_an_image_that_would_fill_the_memory_is_refused(case: Any, cast: SimpleNamespace) -> None:
    file = BytesIO()
    Image.new("1", (12_000, 12_000)).save(file, "PNG")
    with pytest.raises(BadInput):
        record(case, cast.grid_worker, Photo("bomb.png", file.getvalue()))


def test_a_photo_whose_bytes_changed_is_not_shown_as_evidence(case: Any, cast: SimpleNamespace) -> None:
    photo = inspect(case, cast.grid_worker).media.get()
    photo.path.write_bytes(jpeg("black"))
    with pytest.raises(PhotoDamaged, match=photo.sha256):
        photo_bytes(photo)
    photo.path.unlink()
    with pytest.raises(PhotoDamaged, match="gone"):
        photo_bytes(photo)


def test_a_photo_is_seen_by_who_may_see_its_case(case: Any, cast: SimpleNamespace) -> None:
    photo = inspect(case, cast.grid_worker).media.get()
    assert media(cast.supervisor, photo.pk) == photo
    for viewer in (cast.other_grid_worker, cast.enterprise):
        with pytest.raises(NotFound):
            media(viewer, photo.pk)


def test_a_rectification_says_what_was_done_and_when(case: Any, cast: SimpleNamespace) -> None:
    walk(case, cast, "confirm")
    made = rectify(case, cast.handler, notes="附验收单")
    kept = rectifications(case).get()
    assert (kept, kept.finished_on, kept.by) == (made, date(2026, 11, 24), cast.handler)
    (line,) = log.about(f"rectification/{made.pk}")
    assert line.detail["finished_on"] == "2026-11-24"


@pytest.mark.parametrize("missing", ["measure", "finished_on"])
def test_a_rectification_without_its_parts_is_refused(case: Any, cast: SimpleNamespace, missing: str) -> None:
    walk(case, cast, "confirm")
    with pytest.raises(BadInput) as error:
        rectify(case, cast.handler, **{missing: ""})
    assert error.value.field == missing


def test_photos_of_a_rectification_are_kept_too(case: Any, cast: SimpleNamespace) -> None:
    walk(case, cast, "confirm")
    values = {**RECTIFICATION, "client_id": uuid4()}
    made = record_rectification(case.pk, cast.handler, OFFICE, values=values, photos=[Photo("after.jpg", jpeg("blue"))])
    photo = made.media.get()
    assert media(cast.leader, photo.pk).rectification == made
    assert Media.objects.filter(inspection=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_record_that_comes_twice_at_once_is_kept_once(case: Any, cast: SimpleNamespace) -> None:
    number, made, together = uuid4(), [], threading.Barrier(2)

    def send() -> None:
        together.wait()
        try:
            made.append(record(case, cast.grid_worker, Photo("a.jpg", jpeg()), client_id=number).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(made) == 2
    assert len(set(made)) == Inspection.objects.count() == Media.objects.count() == 1

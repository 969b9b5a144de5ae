from pathlib import Path

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator, URLValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan.kit.sealed import SealedText

FOLDER = "footage"


class LooksAt(models.TextChoices):
    """What a camera looks at, as those who plan points of video for polluters name it."""

    OUTLET = "outlet", _("Outlet")
    ANALYSER_ROOM = "analyser-room", _("Room of the analysers")
    SAMPLING_POINT = "sampling-point", _("Sampling point")
    TREATMENT = "treatment", _("Treatment facility")
    HAZARDOUS_WASTE = "hazardous-waste", _("Hazardous-waste handling")
    PRODUCTION = "production", _("Production")
    WATER = "water", _("River or lake")
    AREA = "area", _("Surroundings")


class Door(models.TextChoices):
    """By which door footage came in."""

    PUSH = "push", _("HTTP push")
    FOLDER = "folder", _("Watched folder")
    PAGE = "page", _("By hand")


class Camera(models.Model):
    """A camera at a station, or at an enterprise, whose stations it then belongs to.

    Its clock is `clock_ahead_s` ahead of the platform's. [s] What it films is kept `keep_days` from its arrival. [d]
    """

    code = models.CharField(
        _("Code"),
        max_length=40,
        unique=True,
        help_text=_("Letters, digits and hyphens; files and senders name the camera by it."),
        validators=[RegexValidator(r"^[A-Za-z0-9-]+$")],
    )
    title_zh = models.CharField(_("Title (Chinese)"), max_length=120)
    title_en = models.CharField(_("Title (English)"), max_length=120)
    station = models.ForeignKey(
        "places.Station", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Station")
    )
    enterprise = models.ForeignKey(
        "places.Enterprise", on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Enterprise"),
    )  # fmt: skip
    looks_at = models.CharField(_("Looks at"), max_length=16, choices=LooksAt)
    infrared = models.BooleanField(_("Infrared"), default=False, help_text=_("Whether it sees by night or sees heat."))
    owner = models.CharField(_("Owner"), max_length=120, help_text=_("Who owns it and keeps it running."))
    gb_code = models.CharField(
        _("GB/T 28181 code"),
        max_length=20,
        blank=True,
        help_text=_("20 digits, where the camera has one; files and senders may name the camera by it too."),
        validators=[RegexValidator(r"^\d{20}$", _("Expected 20 digits."))],
    )
    live_url = SealedText(
        max_length=500,
        blank=True,
        verbose_name=_("Live address"),
        help_text=_("Page or HLS address of the authority’s media server; shown to nobody, opened for those who may."),
        validators=[URLValidator(schemes=["http", "https"])],
    )
    clock_ahead_s = models.FloatField(
        _("Clock ahead by, s"),
        default=0.0,
        help_text=_("Seconds by which its clock is ahead of the platform’s; negative where it is behind."),
        validators=[MinValueValidator(-86_400), MaxValueValidator(86_400)],
    )
    keep_days = models.PositiveIntegerField(
        _("Kept for, days"),
        default=90,
        help_text=_("From the arrival of a clip or still; what a case refers to is kept on."),
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
    )
    valid_from = models.DateField(_("Valid from"))
    ended_on = models.DateField(_("Ended on"), null=True, blank=True)

    class Meta:
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(station=None, enterprise__isnull=False)
                | models.Q(station__isnull=False, enterprise=None),
                name="camera_at_one_place",
            ),
            models.UniqueConstraint(fields=("gb_code",), condition=~models.Q(gb_code=""), name="one_camera_a_gb_code"),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def title(self) -> str:
        return self.title_zh if (get_language() or "zh").startswith("zh") else self.title_en


class Footage(models.Model):
    """A clip, or a still, for which `ends_at` is `starts_at`; its hash names its file.

    `told_at` is when it begins by the camera's clock, as its sender said; `starts_at` is that by the platform's.
    """

    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, db_index=True)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=40)
    codec = models.CharField(max_length=20)
    size = models.BigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    told_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    door = models.CharField(max_length=8, choices=Door)
    feed = models.ForeignKey("sensing.Feed", on_delete=models.PROTECT, null=True, related_name="+")
    brought_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, related_name="+")
    address = models.CharField(max_length=255, blank=True)
    received_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("starts_at", "pk")
        constraints = (models.UniqueConstraint(fields=("camera", "sha256"), name="one_row_a_film_of_a_camera"),)
        indexes = (
            models.Index(fields=("camera", "starts_at"), name="footage_of_camera"),
            models.Index(fields=("received_at",), name="footage_to_remove", condition=models.Q(removed_at=None)),
        )

    def __str__(self) -> str:
        return f"{self.camera_id} {self.starts_at} {self.sha256[:12]}"

    @property
    def is_clip(self) -> bool:
        return self.content_type.startswith("video/")

    @property
    def path(self) -> Path:
        """Where the bytes lie."""
        return path_of(self.sha256)


class FootageHold(models.Model):
    """What keeps footage from being removed in its time: a case, as `case/12`."""

    footage = models.ForeignKey(Footage, on_delete=models.CASCADE, related_name="holds")
    subject = models.CharField(max_length=96)
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("footage", "subject"), name="one_hold_a_subject"),)

    def __str__(self) -> str:
        return f"{self.footage_id} {self.subject}"


def path_of(sha256: str) -> Path:
    """Where bytes of that hash lie."""
    return Path(settings.MEDIA_ROOT) / FOLDER / sha256[:2] / sha256

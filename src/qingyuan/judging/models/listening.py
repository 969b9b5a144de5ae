from django.db import models


class Listening(models.Model):
    """A stretch of time in which the platform ran, so that what did not come then was not sent."""

    began_at = models.DateTimeField()
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("began_at",)

    def __str__(self) -> str:
        return f"{self.began_at} {self.last_at}"

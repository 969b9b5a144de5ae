from django.db import models

from qingyuan.sensing.models.records import DataList


class VehicleCount(models.Model):
    """By how much the known vehicles of a kind became more or fewer on a day (of Shanghai).

    The words are those of the registry, so that a better reading of them needs no new counting. `year` is that in which
    they were registered. The sum of the days up to one is what was known at its end.
    """

    of = models.ForeignKey(DataList, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    type = models.TextField()
    use = models.TextField()
    fuel = models.TextField()
    stage = models.TextField()
    state = models.TextField()
    division = models.TextField()
    year = models.SmallIntegerField(null=True)
    vehicles = models.IntegerField()

    class Meta:
        ordering = ("of", "day")
        constraints = (
            models.UniqueConstraint(
                fields=("of", "day", "type", "use", "fuel", "stage", "state", "division", "year"),
                name="one_count_a_kind_and_day", nulls_distinct=False,
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.day} {self.type} {self.fuel} {self.stage} {self.vehicles:+d}"

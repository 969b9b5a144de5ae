from django.db import migrations, models

KIND = ("type", "use", "fuel", "stage", "state", "division")
COUNT = """
INSERT INTO sensing_vehiclecount (of_id, day, type, use, fuel, stage, state, division, year, vehicles)
SELECT %s, (at AT TIME ZONE 'Asia/Shanghai')::date, {values}, extract(year FROM since)::smallint, sum(n) FROM (
    SELECT values, since, 1 AS n, known_from AS at FROM sensing_record WHERE of_id = %s
    UNION ALL
    SELECT values, since, -1, known_to FROM sensing_record WHERE of_id = %s AND known_to IS NOT NULL
) AS moved GROUP BY 2, 3, 4, 5, 6, 7, 8, 9 HAVING sum(n) <> 0
"""


def count(apps, schema_editor):
    """Count the registries that are there already; those that come are counted as they come."""
    for found in apps.get_model("sensing", "DataList").objects.filter(about="vehicle"):
        places = {one["code"]: place for place, one in enumerate(found.definition["columns"])}
        if not {"type", "fuel", "stage"} <= set(places) or "plate" not in found.definition["key"]:
            continue
        values = ", ".join(f"coalesce(values[{places[one] + 1}], '')" if one in places else "''" for one in KIND)
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(COUNT.format(values=values), [found.pk] * 3)


class Migration(migrations.Migration):

    dependencies = [
        ("sensing", "0022_scans"),
    ]

    operations = [
        migrations.CreateModel(
            name="VehicleCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("type", models.TextField()),
                ("use", models.TextField()),
                ("fuel", models.TextField()),
                ("stage", models.TextField()),
                ("state", models.TextField()),
                ("division", models.TextField()),
                ("year", models.SmallIntegerField(null=True)),
                ("vehicles", models.IntegerField()),
                ("of", models.ForeignKey(on_delete=models.deletion.CASCADE, related_name="+", to="sensing.datalist")),
            ],
            options={
                "ordering": ("of", "day"),
                "constraints": [models.UniqueConstraint(fields=("of", "day", "type", "use", "fuel", "stage", "state", "division", "year"), name="one_count_a_kind_and_day", nulls_distinct=False)],
            },
        ),
        migrations.RunSQL(  # each delivery of a day adds to the rows of that day
            "ALTER TABLE sensing_vehiclecount SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05)",
            migrations.RunSQL.noop,
        ),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]

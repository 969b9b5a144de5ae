"""Passwords of feeds, keys of devices and secret arguments of commands are enciphered in the database."""

from django.db import migrations

import qingyuan.kit.sealed
import qingyuan.sensing.door

MOVED = (("Feed", "settings"), ("Command", "secrets"), ("Device", "key"))


def seal(apps, schema_editor):
    for model, field in MOVED:
        for row in apps.get_model("sensing", model).objects.all():
            setattr(row, field, getattr(row, f"plain_{field}"))
            row.save(update_fields=[field])


def unseal(apps, schema_editor):
    for model, field in MOVED:
        for row in apps.get_model("sensing", model).objects.all():
            setattr(row, f"plain_{field}", getattr(row, field))
            row.save(update_fields=[f"plain_{field}"])


SEALED = {
    "settings": qingyuan.kit.sealed.SealedJSON(blank=True, default=dict, verbose_name="Settings"),
    "secrets": qingyuan.kit.sealed.SealedJSON(default=dict),
    "key": qingyuan.kit.sealed.SealedText(
        blank=True,
        help_text="SM4 key of a device of 2025: 16 characters, or 32 hex digits.",
        max_length=32,
        validators=[qingyuan.sensing.door.valid_key],
        verbose_name="Key",
    ),
}


class Migration(migrations.Migration):
    dependencies = (("sensing", "0013_packets_together"),)

    operations = (
        *(migrations.RenameField(model, field, f"plain_{field}") for model, field in MOVED),
        *(migrations.AddField(model, field, SEALED[field]) for model, field in MOVED),
        migrations.RunPython(seal, unseal),
        *(migrations.RemoveField(model, f"plain_{field}") for model, field in MOVED),
    )

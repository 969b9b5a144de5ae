"""The profiles that every installation knows: the three editions, and one that takes every deviation."""

from dataclasses import asdict

from django.db import migrations

from qingyuan_science.hj212 import EDITION_2005, EDITION_2025, LENIENT, STANDARD

TITLES = {
    STANDARD: ("HJ 212-2017 标准", "HJ 212-2017 standard"),
    EDITION_2005: ("HJ/T 212-2005 标准", "HJ/T 212-2005 standard"),
    EDITION_2025: ("HJ 212-2025(明文)", "HJ 212-2025 (plain text)"),
    LENIENT: ("宽松", "Lenient"),
}


def enter(apps, schema_editor):
    profiles = apps.get_model("sensing", "DialectProfile")
    for dialect, (zh, en) in TITLES.items():
        settings = {name: value for name, value in asdict(dialect).items() if name != "code"}
        profiles.objects.get_or_create(
            code=dialect.code, defaults={"title_zh": zh, "title_en": en, "settings": settings}
        )


class Migration(migrations.Migration):
    dependencies = [("sensing", "0001_initial")]
    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]

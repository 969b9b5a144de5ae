"""What satellites see of the synthetic district: the same files in any process, with a truth behind each pixel."""

from datetime import UTC, date, datetime, timedelta

from qingyuan_science.worlds import World
from qingyuan_science.worlds.overpasses import HEAD, Overpasses

EPOCH = datetime(2026, 11, 22, 2, tzinfo=UTC)


def seen(days: int = 6) -> list[tuple[datetime, str, str, float]]:
    passes = Overpasses(World(epoch=EPOCH)).between(EPOCH - timedelta(days=days), EPOCH)
    return [(one.at, pixel.truth, pixel.confidence, pixel.place.x) for one in passes for pixel in one.pixels]


def test_the_same_epoch_gives_the_same_files() -> None:
    first, second = (
        [one.csv for one in Overpasses(World(epoch=EPOCH)).between(EPOCH - timedelta(days=2), EPOCH)] for _ in "ab"
    )
    assert first == second
    assert len(first) == 8  # two satellites, by day and by night
    assert all(one.decode().startswith(HEAD + "\n") for one in first)


def test_straw_burns_on_every_third_afternoon_and_the_plant_is_hot_at_any_time() -> None:
    china = timedelta(hours=8)
    straw = {(at + china).date() for at, truth, _sure, _lon in seen() if truth == "straw"}
    assert straw == {date(2026, 11, 18), date(2026, 11, 21)}
    assert all(12 <= (at + china).hour <= 13 for at, truth, _sure, _lon in seen() if truth == "straw")
    assert len({at for at, truth, _sure, _lon in seen() if truth == "plant"}) == 24


def test_glint_is_of_low_confidence_and_lies_away_from_the_burning_field() -> None:
    glint = {(sure, lon) for _at, truth, sure, lon in seen() if truth == "glint"}
    field = {lon for _at, truth, _sure, lon in seen() if truth == "straw"}
    assert {sure for sure, _lon in glint} == {"l"}
    assert not field & {lon for _sure, lon in glint}

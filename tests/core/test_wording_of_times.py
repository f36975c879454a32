"""How far away an instant is, in the words of the portal."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from apps.core.web.display import distance

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(hours=5), "in 5 hours"),
        (timedelta(days=51), "in 51 days"),
        (timedelta(days=-51), "51 days ago"),
        (timedelta(days=365), "in 12 months"),
        (timedelta(days=4 * 365), "in 4 years"),
    ],
)
def test_distances_are_rounded_to_the_unit_that_people_use(away: timedelta, words: str) -> None:
    with time_machine.travel(NOW, tick=False):
        assert distance(NOW + away) == words

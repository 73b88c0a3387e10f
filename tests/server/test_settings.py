"""Settings: read from the environment, refused in words that say what to type."""

import pytest

from media.limits import MAX_SECONDS
from server.settings import DEFAULT_SECRET, MAX_VIDEO_SECONDS, Settings, SettingsError, described

GOOD = {"REELWIRE_SECRET_KEYS": "x" * 32}


def test_values_are_read_by_their_types() -> None:
    given = GOOD | {"REELWIRE_PORT": "9000", "REELWIRE_RATE_LIMITS": "off", "REELWIRE_ALLOWED_ORIGINS": "https://a, https://b"}
    settings = Settings.from_environment(given)
    assert (settings.port, settings.rate_limits, settings.allowed_origins) == (9000, False, ("https://a", "https://b"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"REELWIRE_PORT": "eighty"},
        {"REELWIRE_UPLOAD_MAX_BYTES": "-1"},
        {"REELWIRE_RATE_LIMITS": "maybe"},
        {"REELWIRE_SECRET_KEYS": "short"},
        {"REELWIRE_SECRET_KEYS": DEFAULT_SECRET},
        {"REELWIRE_SECRET_KEYS": ""},
        {"REELWIRE_TEST_ECHO": "on"},
        {"REELWIRE_ENVIRONMENT": "staging"},
        {"REELWIRE_DATABASE_POOL": "0"},
        {"REELWIRE_ARCHIVE_HOUR": "24"},
        {"REELWIRE_ARCHIVE_AGE_DAYS": "36501"},
        {"REELWIRE_RAW_DAYS": "99999999999"},
        {"REELWIRE_RAW_POLICY": "burn"},
        {"REELWIRE_STORAGE_PRICES": "warm=0.02"},
        {"REELWIRE_STORAGE_PRICES": "warm=0.02,archive=-1"},
        {"REELWIRE_S3_ARCHIVE_CLASS": "glacier ir"},
        {"REELWIRE_ACCESS_TOKEN_SECONDS": "0"},
        {"REELWIRE_ACCESS_TOKEN_SECONDS": "86401"},
        {"REELWIRE_VIDEO_MAX_SECONDS": "181"},
        {"REELWIRE_REFRESH_TOKEN_SECONDS": "0"},
        {"REELWIRE_PUBLIC_URL": "https://video.example.org/"},
        {"REELWIRE_PUBLIC_URL": "https://video.example.org/reelwire"},
        {"REELWIRE_PUBLIC_URL": "https://video.example.org?"},
        {"REELWIRE_PUBLIC_URL": "https://Video.example.org"},
        {"REELWIRE_PUBLIC_URL": "https://video.example.org:443"},
        {"REELWIRE_PUBLIC_URL": "http://video.example.org:port"},
        {"REELWIRE_PUBLIC_URL": "video.example.org"},
        {"REELWIRE_PUBLIC_URL": ""},
        {"REELWIRE_EDGE_URLS": "http://edge:8080,edge:8080"},
    ],
)
def test_what_cannot_be_used_is_refused_by_its_name(wrong: dict[str, str]) -> None:
    (name,) = wrong
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment(GOOD | wrong)


@pytest.mark.parametrize(
    "good",
    [
        {"REELWIRE_ACCESS_TOKEN_SECONDS": "86400"},
        {"REELWIRE_PUBLIC_URL": "https://video.example.org:8443"},
        {"REELWIRE_PUBLIC_URL": "http://[::1]:8080"},
    ],
)
def test_what_can_be_used_is_taken(good: dict[str, str]) -> None:
    (value,) = good.values()
    settings = Settings.from_environment(GOOD | good)
    assert value in (str(settings.access_token_seconds), settings.public_url)


def test_an_origin_with_a_slash_is_answered_with_what_to_type() -> None:
    with pytest.raises(SettingsError, match=r"https://video\.example\.org$"):
        Settings.from_environment(GOOD | {"REELWIRE_PUBLIC_URL": "https://video.example.org/"})


def test_production_refuses_to_start_without_a_secret() -> None:
    with pytest.raises(SettingsError, match="REELWIRE_SECRET_KEYS"):
        Settings.from_environment({})


def test_secrets_are_not_shown() -> None:
    settings = Settings.from_environment(GOOD | {"REELWIRE_S3_SECRET_ACCESS_KEY": "hush"})
    rows = described(settings)
    assert "hush" not in str(rows)
    assert "x" * 32 not in str(rows)
    assert all(meaning for *_, meaning in rows)


def test_no_video_may_be_longer_than_the_pipeline_takes() -> None:
    assert MAX_VIDEO_SECONDS == MAX_SECONDS

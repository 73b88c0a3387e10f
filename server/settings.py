"""Every setting in one readable list: environment variables `REELWIRE_<NAME>`, their defaults, what they mean."""

import os
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

PREFIX = "REELWIRE_"
SOCKET_SESSIONS = ("lean", "stock")
RAW_POLICIES = ("keep", "cold", "delete")
SUGGEST_ENGINES = ("local", "spark")
LAST_HOUR = 23
MOST_DAYS = 36_500
"""A hundred years: PostgreSQL's dates end somewhere."""
STORAGE_CLASS = re.compile(r"[A-Z][A-Z0-9_]{0,63}|")
PRICE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
PRICED = ("warm", "archive")
LOG_LEVELS = ("debug", "info", "warning", "error")
DEFAULT_SECRET = "only-for-development-do-not-use-in-production"  # noqa: S105 - the refused default itself


MAX_VIDEO_SECONDS = 180
"""What the pipeline's budgets are made for (media/limits.py). Settings are read where nothing but Python is installed."""
MAX_ACCESS_TOKEN_SECONDS = 86_400
"""Ended sessions are remembered for an hour longer (server/kit/invalidation.py): no access token may outlive the memory."""
NOT_ZERO = ("database_pool", "signal_days", "access_token_seconds", "refresh_token_seconds")
DEFAULT_PORTS = {"http": 80, "https": 443}


class SettingsError(Exception):
    """A setting cannot be used; the message names the variable and says what to type."""


def _setting(default: Any, meaning: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"meaning": meaning, "secret": secret})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a process is told from outside; each field is read from `REELWIRE_` + its name in upper case."""

    environment: str = _setting("production", "`production` refuses unsafe settings, `development` allows them")
    data_dir: str = _setting("./var", "folder of the embedded stack's data")
    port: int = _setting(8080, "port of the edge under `reelwire up`")
    serve_processes: int = _setting(0, "`serve` processes under `reelwire up`; 0: one for each core, two to twelve")
    listen: str = _setting("127.0.0.1:8081", "where `serve` listens: host:port or unix:/path")
    public_url: str = _setting("http://127.0.0.1:8080", "origin that clients see, without a trailing slash")
    allowed_origins: tuple[str, ...] = _setting(
        (), "further browser origins that may use cookies and sockets, comma separated; HTTP has no CORS (docs/live.md)"
    )
    secret_keys: tuple[str, ...] = _setting(
        (DEFAULT_SECRET,), "at least 32 characters each, comma separated: the first signs, all verify", secret=True
    )
    database_url: str = _setting("postgresql://reelwire@127.0.0.1:5432/reelwire", "PostgreSQL", secret=True)
    database_direct_url: str = _setting("", "PostgreSQL without a pooler, for migrations; empty: DATABASE_URL", secret=True)
    database_pool: int = _setting(10, "connections to PostgreSQL per process")
    valkey_url: str = _setting(
        "redis://127.0.0.1:6379/0",
        "Valkey or Redis: redis://host:port/db, unix:///path, or redis+cluster://host:port,host:port for a cluster",
        secret=True,
    )
    s3_endpoint_url: str = _setting("http://127.0.0.1:8333", "S3 server")
    s3_region: str = _setting("us-east-1", "S3 region")
    s3_access_key_id: str = _setting("", "S3 access key", secret=True)
    s3_secret_access_key: str = _setting("", "S3 secret key", secret=True)
    s3_bucket: str = _setting("reelwire-media", "bucket of what the edge serves")
    s3_raw_bucket: str = _setting("reelwire-raw", "bucket of uploads as they came; never reachable from the edge")
    s3_archive_bucket: str = _setting("reelwire-archive", "bucket of what nobody watches; it may be one of the others")
    s3_archive_class: str = _setting("", "storage class there, as GLACIER_IR or DEEP_ARCHIVE; empty: the server's own")
    s3_archive_endpoint_url: str = _setting("", "S3 server of the archive; empty: S3_ENDPOINT_URL, with its region and keys")
    s3_archive_region: str = _setting("us-east-1", "its region, where it is a server of its own")
    s3_archive_access_key_id: str = _setting("", "its access key", secret=True)
    s3_archive_secret_access_key: str = _setting("", "its secret key", secret=True)
    archive_age_days: int = _setting(7, "videos that are younger are not archived; 0: all are old")
    archive_max_views: int = _setting(3, "videos with more views in 7 days are not archived")
    archive_hour: int = _setting(3, "hour (UTC) from which on the nightly sweep runs")
    train_hour: int = _setting(3, "hour (UTC) from which on the nightly training of suggestions runs")
    suggest_engine: str = _setting("local", "what finds the factors of suggestions: `local` or `spark` (docs/suggestions.md)")
    raw_policy: str = _setting("keep", "what becomes of an upload when its video is ready: `keep`, `cold` (archived) or `delete`")
    raw_days: int = _setting(7, "days after which that happens")
    storage_prices: tuple[str, ...] = _setting(
        ("warm=0.023", "archive=0.004"), "price of a gigabyte (10^9 bytes) and month, for reports, comma separated"
    )
    signal_days: int = _setting(90, "days for which it is kept what accounts watched, one by one, and what was suggested to them")
    access_token_seconds: int = _setting(900, "life of an access token, at most 86400")
    refresh_token_seconds: int = _setting(2_592_000, "life of a session that nobody refreshes")
    password_hashing_parallel: int = _setting(2, "argon2id computations at once per process (19 MiB each)")
    upload_max_bytes: int = _setting(500_000_000, "largest upload")
    upload_seconds: int = _setting(86_400, "life of an unfinished upload")
    uploads_per_day: int = _setting(500, "uploads per account and day (UTC)")
    video_max_seconds: int = _setting(180, "longest video, at most 180")
    media_url_seconds: int = _setting(3_600, "life of a signed media URL")
    socket_budget_bytes: int = _setting(1_048_576, "unsent bytes after which a live session is cut")
    feed_warm_readers: int = _setting(2_000, "accounts whose feeds a process makes ready before they come; 0 for none")
    socket_sessions: str = _setting("lean", "what carries live sessions: `lean`, or `stock` (aiohttp, ten times the memory)")
    worker_processes: int = _setting(0, "media child processes per worker; 0: as many as cores")
    work_dir: str = _setting(
        "", "folder for files that a worker or a training has in hand; empty: below the system's temporary folder"
    )
    job_attempts: int = _setting(5, "tries of a media job before the video is `failed`")
    rate_limits: bool = _setting(True, "`off` turns every rate limit and quota off")
    limits: tuple[str, ...] = _setting((), "rate limits that differ, comma separated: name=quota/seconds (docs/operations.md)")
    edge_requests_per_second: int = _setting(1000, "API requests of one address that the edge lets through; 0: all")
    edge_cache: str = _setting(
        "",
        "folder of the edge's cache, where it is on this machine: what is deleted goes there too; empty: it runs out there",
    )
    edge_urls: tuple[str, ...] = _setting(
        (), "edges whose caches `schedule` fills with what is popular, each an origin that it reaches, comma separated"
    )
    prefetch_bytes: int = _setting(500_000_000, "what one run of that may have an edge read; 0: nothing")
    test_echo: bool = _setting(False, "`on` adds the echo socket for protocol test suites; refused in production")
    metrics_dir: str = _setting("", "folder in which the processes of one host share their metrics; empty: each its own")
    log_level: str = _setting("info", "debug, info, warning or error")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, *, check: bool = True) -> "Settings":
        """Read and check; unchecked settings are for showing only.

        Raises:
            SettingsError: a value cannot be read, or is refused in production.
        """
        given = os.environ if environment is None else environment
        values: dict[str, Any] = {
            f.name: _read(f.name, f.default, given[name]) for f in fields(cls) if (name := variable(f.name)) in given
        }
        settings = cls(**values)
        if check:
            _refuse_unsafe(settings)
        return settings


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def described(settings: Settings) -> list[tuple[str, str, str, str]]:
    """(variable, value or `***`, default, meaning) of every setting, for `reelwire config` and the README's table."""
    rows = []
    for f in fields(settings):
        assert f.default is not MISSING
        value, default = _shown(getattr(settings, f.name)), _shown(f.default)
        shown = "***" if f.metadata["secret"] and value != default else value
        rows.append((variable(f.name), shown, default, f.metadata["meaning"]))
    return rows


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _read(name: str, default: object, text: str) -> object:
    try:
        if isinstance(default, bool):
            return {"on": True, "off": False}[text.lower()]
        if isinstance(default, int):
            return _natural(text)
    except (KeyError, ValueError):
        wanted = "on or off" if isinstance(default, bool) else "a whole number, 0 or more"
        raise SettingsError(f"{variable(name)} must be {wanted}, not {text!r}") from None
    if isinstance(default, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text


def _natural(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def _refuse_unsafe(settings: Settings) -> None:
    if not settings.secret_keys or any(len(key) < 32 for key in settings.secret_keys):
        raise SettingsError("REELWIRE_SECRET_KEYS needs keys of at least 32 characters: openssl rand -hex 32")
    if settings.log_level not in LOG_LEVELS:
        raise SettingsError(f"REELWIRE_LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}")
    if settings.socket_sessions not in SOCKET_SESSIONS:
        raise SettingsError(f"REELWIRE_SOCKET_SESSIONS must be {' or '.join(SOCKET_SESSIONS)}")
    if settings.suggest_engine not in SUGGEST_ENGINES:
        raise SettingsError(f"REELWIRE_SUGGEST_ENGINE must be {' or '.join(SUGGEST_ENGINES)}")
    _refuse_archive(settings)
    _refuse_numbers(settings)
    _refuse_origins(settings)
    if settings.environment not in ("production", "development"):
        raise SettingsError("REELWIRE_ENVIRONMENT must be production or development")
    if settings.environment == "production":
        if DEFAULT_SECRET in settings.secret_keys:
            raise SettingsError("REELWIRE_SECRET_KEYS is the public default; set it: openssl rand -hex 32")
        if settings.test_echo:
            raise SettingsError("REELWIRE_TEST_ECHO must be off in production")


def _refuse_archive(settings: Settings) -> None:
    if settings.raw_policy not in RAW_POLICIES:
        raise SettingsError(f"REELWIRE_RAW_POLICY must be one of {', '.join(RAW_POLICIES)}")
    if not STORAGE_CLASS.fullmatch(settings.s3_archive_class):
        raise SettingsError("REELWIRE_S3_ARCHIVE_CLASS must be a storage class such as GLACIER_IR, or empty")
    if settings.archive_hour > LAST_HOUR:
        raise SettingsError(f"REELWIRE_ARCHIVE_HOUR must be 0 to {LAST_HOUR}")
    for name in ("archive_age_days", "raw_days"):
        if getattr(settings, name) > MOST_DAYS:
            raise SettingsError(f"{variable(name)} must be {MOST_DAYS} or less")
    prices(settings)


def _refuse_origins(settings: Settings) -> None:
    if settings.public_url != (origin := _origin(settings.public_url)):
        raise SettingsError(f"REELWIRE_PUBLIC_URL must be an origin as browsers send it: {origin or 'https://video.example.org'}")
    for url in settings.edge_urls:
        if url != (origin := _origin(url)):
            raise SettingsError(f"REELWIRE_EDGE_URLS must be origins, comma separated: {origin or 'http://edge:8080'}")


def _refuse_numbers(settings: Settings) -> None:
    if not 1 <= settings.port <= 65_535:
        raise SettingsError("REELWIRE_PORT must be 1 to 65535")
    if settings.train_hour > LAST_HOUR:
        raise SettingsError(f"REELWIRE_TRAIN_HOUR must be 0 to {LAST_HOUR}")
    for name in NOT_ZERO:
        if getattr(settings, name) == 0:
            raise SettingsError(f"{variable(name)} must be 1 or more")
    if settings.access_token_seconds > MAX_ACCESS_TOKEN_SECONDS:
        raise SettingsError(f"REELWIRE_ACCESS_TOKEN_SECONDS must be {MAX_ACCESS_TOKEN_SECONDS} or less")
    if settings.video_max_seconds > MAX_VIDEO_SECONDS:
        raise SettingsError(
            f"REELWIRE_VIDEO_MAX_SECONDS must be {MAX_VIDEO_SECONDS} or less: the pipeline's budgets are made for that"
        )


def prices(settings: Settings) -> dict[str, float]:
    """What a gigabyte costs in a month, at hand (`warm`) and in the archive (`archive`).

    Raises:
        SettingsError: it cannot be read.
    """
    given = dict(one.partition("=")[::2] for one in settings.storage_prices)
    if set(given) != set(PRICED) or not all(PRICE.fullmatch(price) for price in given.values()):
        raise SettingsError(
            f"REELWIRE_STORAGE_PRICES must be as warm=0.023,archive=0.004, not {','.join(settings.storage_prices)}"
        )
    return {name: float(price) for name, price in given.items()}


def _origin(url: str) -> str | None:
    """The origin of an http URL as browsers write it (RFC 6454, 6.2): lower case, no default port; None where it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if port in (None, DEFAULT_PORTS[parts.scheme]) else f":{port}")

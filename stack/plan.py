"""What runs under `reelwire up` and where everything is: from the settings to the specs of all parts."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from server.kit.cores import cores
from server.settings import Settings
from stack import credentials, environment, nginx, ports, postgres, s3, servers, valkey
from stack.credentials import Credentials
from stack.nginx import FrontDoor
from stack.postgres import Postgres
from stack.process import Spec
from stack.s3 import S3
from stack.valkey import Valkey

LEAST_SERVING, MOST_SERVING = 2, 12
"""`serve` processes where the settings name no number: one restarts while another serves; PostgreSQL has connections for all."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All parts, and the settings that our own ones are given."""

    data: Path
    runtime: Path
    settings: Settings
    variables: Mapping[str, str]  # the settings as environment variables
    postgres: Spec
    valkey: Spec
    s3: Spec
    edge: Spec
    own: tuple[Spec, ...]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    @property
    def logs(self) -> Path:
        return logs_of(self.data)


def logs_of(data: Path) -> Path:
    return data / "log"


def plan(given: Mapping[str, str], data: Path, runtime: Path) -> Plan:
    """Lay out a stack below a data folder; makes folders, credentials and configuration files, and starts nothing.

    Raises:
        CredentialsError, NoPortError, ProgramError, SettingsError: as their docstrings say.
    """
    secrets, logs = credentials.kept(data / "credentials.json"), logs_of(data)
    settings = Settings.from_environment(_defaults(secrets, data) | environment.settings_in(given))
    buckets = tuple(dict.fromkeys((settings.s3_bucket, settings.s3_raw_bucket, settings.s3_archive_bucket)))
    database = Postgres(data / "postgres", runtime, logs / "postgres.log", secrets)
    memory = Valkey(data / "valkey", runtime, logs / "valkey.log", secrets)
    objects = S3(data / "s3", runtime, logs / "s3.log", secrets, ports.remembered(data / "ports.json", s3.PORTS), buckets)
    variables = {
        **_defaults(secrets, data),
        "REELWIRE_PUBLIC_URL": f"http://127.0.0.1:{settings.port}",
        "REELWIRE_EDGE_URLS": f"http://127.0.0.1:{settings.port}",
        **environment.settings_in(given),
        "REELWIRE_DATA_DIR": str(data),
        "REELWIRE_PORT": str(settings.port),
        "REELWIRE_EDGE_CACHE": str(data / "edge" / "cache"),
        "REELWIRE_METRICS_DIR": str(_emptied(runtime / "metrics")),
        "REELWIRE_DATABASE_URL": database.url,
        "REELWIRE_DATABASE_DIRECT_URL": database.url,
        "REELWIRE_VALKEY_URL": memory.url,
        "REELWIRE_S3_ENDPOINT_URL": objects.url,
        "REELWIRE_S3_REGION": s3.REGION,
        "REELWIRE_S3_ACCESS_KEY_ID": secrets.s3_access_key_id,
        "REELWIRE_S3_SECRET_ACCESS_KEY": secrets.s3_secret_access_key,
    }
    whole = environment.others_in(given) | variables
    serving = serve_slots(settings)
    slots = {**dict.fromkeys(serving, "serve"), "worker": "worker", "schedule": "schedule"}
    return Plan(
        data=data,
        runtime=runtime,
        settings=settings,
        variables=variables,
        postgres=postgres.part(database),
        valkey=valkey.part(memory),
        s3=s3.part(objects),
        edge=nginx.part(_front_door(settings, data, runtime, serving)),
        own=tuple(servers.part(slot, command, whole, runtime, logs) for slot, command in slots.items()),
    )


def serve_slots(settings: Settings) -> tuple[str, ...]:
    """The names of the `serve` processes: as many as the settings say, else one for each core, within bounds."""
    count = settings.serve_processes or min(max(LEAST_SERVING, cores()), MOST_SERVING)
    return tuple(f"serve-{nth + 1}" for nth in range(count))


def _defaults(secrets: Credentials, data: Path) -> dict[str, str]:
    """Settings that a stack of its own machine needs no answers for."""
    return {
        "REELWIRE_ENVIRONMENT": "development",
        "REELWIRE_SECRET_KEYS": secrets.secret_key,
        "REELWIRE_WORK_DIR": str(data / "work"),
    }


def _front_door(settings: Settings, data: Path, runtime: Path, serving: Sequence[str]) -> FrontDoor:
    return FrontDoor(
        state=data / "edge",
        runtime=runtime,
        log=logs_of(data) / "nginx.log",
        access_log=logs_of(data) / "access.log",
        port=settings.port,
        client=servers.ROOT / "web_client" / "dist",
        upstreams=tuple(f"unix:{runtime / slot}.sock" for slot in serving),
        secret_keys=settings.secret_keys,
        requests_per_second=settings.edge_requests_per_second if settings.rate_limits else 0,
    )


def _emptied(folder: Path) -> Path:
    """The folder that our processes share their metrics in: what dead ones have counted goes with them."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for file in folder.iterdir():
        os.unlink(file)
    return folder

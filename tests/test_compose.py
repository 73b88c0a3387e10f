"""docker-compose.yml and deploy/: valid by the Compose specification's schema, locked down, and true to this code."""

import json
import re
import subprocess
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeAlias

import jsonschema
import pytest
import redis
import yaml

import server
from media.pool import STILLS
from server.__main__ import COMMANDS
from server.settings import Settings, variable
from server.worker import KEPT_SLOTS
from stack import edge_config, programs
from stack.runtime import remove_temporary, runtime_folder

ROOT = Path(server.__file__).parent.parent
COMPOSE = ROOT / "docker-compose.yml"
SECRET = "0123456789abcdef" * 3
REFERENCE = re.compile(r"\$\{(?P<name>[A-Z0-9_]+)(?::-(?P<default>[^}]*)|:\?[^}]*)?\}")
OURS = ("reelwire:", "reelwire-edge:")
START_SECONDS = 60.0

Service: TypeAlias = dict[str, Any]


def example() -> dict[str, str]:
    """deploy/env.example with its secrets filled in."""
    lines = (line.partition("=") for line in (ROOT / "deploy/env.example").read_text().splitlines() if "=" in line[:40])
    return {name: value or SECRET for name, _, value in lines if re.fullmatch(r"[A-Z0-9_]+", name)}


def interpolated(text: str) -> str:
    """As Docker Compose reads it with the example's .env."""
    given = example()
    return REFERENCE.sub(lambda found: given.get(found["name"]) or found["default"] or "", text).replace("$$", "$")


def services() -> dict[str, Service]:
    found: dict[str, Service] = yaml.safe_load(interpolated(COMPOSE.read_text()))["services"]
    return found


def named(*names: str) -> Iterator[Service]:
    return (services()[name] for name in names)


def runs_once(service: Service) -> bool:
    return str(service["restart"]).startswith("on-failure")


SERVICES = sorted(services())


def test_it_keeps_to_the_compose_specification() -> None:
    schema = json.loads((files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json").read_text())
    jsonschema.validators.validator_for(schema)(schema).validate(yaml.safe_load(COMPOSE.read_text()))


def test_all_processes_of_up_are_there() -> None:
    assert {"serve", "worker", "schedule", "edge", "postgres", "valkey", "s3"} <= set(SERVICES)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_more_rights_than_it_needs(name: str) -> None:
    service = services()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "devices", "pid", "ipc", "network_mode", "userns_mode"} & set(service)
    # Ours have a user of their own in the image.
    assert service["image"].startswith(OURS) or service["user"] not in ("", "root", "0", "0:0")


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_limits(name: str) -> None:
    service = services()[name]
    assert service["mem_limit"]
    assert service["pids_limit"] > 0
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert all("size=" in tmpfs for tmpfs in service["tmpfs"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_tells_whether_it_is_well(name: str) -> None:
    service = services()[name]
    if runs_once(service):
        assert service["healthcheck"] == {"disable": True}
    else:
        assert {"test", "interval", "timeout", "retries", "start_period"} <= service["healthcheck"].keys()
        assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_for_what_it_needs_in_a_way_that_can_come_true(name: str) -> None:
    every = services()
    for needed, how in every[name].get("depends_on", {}).items():
        wanted = "service_completed_successfully" if runs_once(every[needed]) else "service_healthy"
        assert how == {"condition": wanted}, needed


@pytest.mark.parametrize("name", SERVICES)
def test_images_are_pinned(name: str) -> None:
    _, _, tag = services()[name]["image"].rpartition(":")
    assert re.match(r"\d", tag), "a version, not a moving name"


def test_only_the_edge_has_a_port_and_it_is_on_loopback_until_told_otherwise() -> None:
    assert [name for name, service in services().items() if "ports" in service] == ["edge"]
    assert services()["edge"]["ports"] == ["127.0.0.1:8080:8080"]
    networks = yaml.safe_load(COMPOSE.read_text())["networks"]
    assert [name for name, network in networks.items() if not network.get("internal")] == ["front"]
    assert [name for name, service in services().items() if "front" in service["networks"]] == ["edge"]


def test_what_is_named_is_declared_and_nothing_of_the_host_is_mounted() -> None:
    whole = yaml.safe_load(COMPOSE.read_text())
    mounted = {volume.partition(":")[0] for service in services().values() for volume in service.get("volumes", [])}
    assert mounted == set(whole["volumes"])
    assert {network for service in services().values() for network in service["networks"]} == set(whole["networks"])


def test_the_processes_can_be_scaled() -> None:
    for service in named("serve", "worker"):
        assert not {"container_name", "ports", "hostname"} & set(service)


def test_a_worker_has_memory_for_all_that_it_has_in_hand() -> None:
    """docs/operations.md asks for a gigabyte for each video; however many cores there are, no more run at once."""
    for service in named("worker"):
        assert service["mem_limit"].endswith("g")
        processes = int(service["environment"]["REELWIRE_WORKER_PROCESSES"])
        assert 1 <= processes + KEPT_SLOTS + STILLS <= int(service["mem_limit"][:-1])


def test_the_environment_is_one_that_production_accepts() -> None:
    known = {variable(name) for name in Settings.__dataclass_fields__}
    for name, service in services().items():
        if service["image"].startswith("reelwire:"):
            ours = {key: value for key, value in service["environment"].items() if key.startswith("REELWIRE_")}
            assert ours.keys() <= known, name
            settings = Settings.from_environment(ours)
            assert settings.environment == "production"
            assert settings.secret_keys == (SECRET,)


def test_the_example_names_what_is_asked_for_and_nothing_else() -> None:
    assert {found["name"] for found in REFERENCE.finditer(COMPOSE.read_text())} == set(example())
    secrets = [name for name in example() if re.search("KEY|PASSWORD", name)]
    text = (ROOT / "deploy/env.example").read_text()
    assert all(f"\n{name}=\n" in text for name in secrets), "no secret has a default that somebody could forget"


def test_our_services_run_commands_that_there_are() -> None:
    for name, service in services().items():
        if service["image"].startswith("reelwire:"):
            assert service["command"][0] in COMMANDS, name


def test_nginx_takes_the_configuration_that_the_edge_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = services()["edge-config"]
    for key, value in service["environment"].items():
        monkeypatch.setenv(key, value)
    moved = {"/etc/reelwire/edge": str(tmp_path / "conf"), "/var/cache/reelwire": str(tmp_path)}
    argv = [word.replace(old, new) for word in service["command"][1:] for old, new in moved.items() if old in word]
    rest = [word for word in service["command"][1:] if not any(old in word for old in moved)]
    assert edge_config.main([*argv, *rest, f"--pid={tmp_path}/pid"]) == 0
    nginx = [str(programs.nginx().path), "-t", "-p", str(tmp_path), "-c", str(tmp_path / "conf/nginx.conf"), "-e", "stderr"]
    subprocess.run(nginx, check=True, timeout=START_SECONDS, capture_output=True)


def test_postgresql_takes_its_options(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "postgresql.conf").touch()
    name, *options = services()["postgres"]["command"]
    argv = [programs.postgres_folder() / "bin" / name, "-C", "shared_buffers", "-D", tmp_path, *options]
    said = subprocess.run(argv, check=True, timeout=START_SECONDS, capture_output=True, text=True).stdout
    assert int(said) * 8192 == 256 << 20  # it counts pages


def test_the_s3_server_knows_its_options() -> None:
    for service in named("s3"):
        assert service["entrypoint"] == ["weed"]
        said = subprocess.run([programs.weed(), "mini", "-h"], check=False, timeout=START_SECONDS, capture_output=True, text=True)
        known = set(re.findall(r"^  -([\w.]+)", said.stdout + said.stderr, re.MULTILINE))
        options = service["command"][service["command"].index("mini") + 1 :]
        assert {word.removeprefix("-").partition("=")[0] for word in options} - known == set()


def test_valkey_starts_with_its_settings_and_asks_for_the_password(tmp_path: Path) -> None:
    service = services()["valkey"]
    shell, flag, script = service["command"]
    runtime = runtime_folder(tmp_path)
    socket = runtime / "compose.sock"
    script = script.replace("dir /data", f"dir {tmp_path}\nport 0\nunixsocket {socket}")
    environment = {"PATH": f"{programs.valkey_server().parent}:/usr/bin:/bin", **service["environment"]}
    with subprocess.Popen([shell, flag, script], env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = any("Ready to accept connections" in line for line in process.stdout)
        try:
            assert ready
            with (
                redis.Redis(unix_socket_path=str(socket), socket_timeout=60) as stranger,
                pytest.raises(redis.AuthenticationError),
            ):
                stranger.ping()
            with redis.Redis(unix_socket_path=str(socket), socket_timeout=60, password=SECRET) as friend:
                assert friend.config_get("appendonly") == {"appendonly": "yes"}
        finally:
            process.kill()
    remove_temporary(runtime, tmp_path)


def dockerfile() -> str:
    return (ROOT / "deploy/Dockerfile").read_text().replace("\\\n", "")


def test_the_images_are_built_from_what_is_here_and_pinned() -> None:
    stages = re.findall(r"^FROM (\S+) AS (\w+)$", dockerfile(), re.MULTILINE)
    assert {service["build"]["target"] for service in services().values() if "build" in service} <= {name for _, name in stages}
    assert all(re.search(r":\d+\.\d+\.\d+", image) for image, _ in stages)
    assert "--require-hashes" in dockerfile()
    assert "npm ci" in dockerfile()
    allowed = re.findall(r"^!(.+)$", (ROOT / "deploy/Dockerfile.dockerignore").read_text(), re.MULTILINE)
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile(), re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists(), source
            assert any(source.startswith(prefix) for prefix in allowed), source


def test_the_images_run_as_nobody_of_importance_and_check_themselves() -> None:
    for stage in dockerfile().split("\nFROM ")[1:]:
        if " AS reelwire\n" in stage or " AS edge\n" in stage:
            assert "\nUSER 10001:10001\n" in stage
            assert "\nHEALTHCHECK " in stage


def test_every_package_that_the_processes_import_is_in_the_image() -> None:
    copied = set(re.findall(r"^COPY (\w+)/ /app/\1/$", dockerfile(), re.MULTILINE))
    assert copied == {"server", "media", "pubsub", "storage", "recommend", "stack", "edge"}
    # `reelwire watch` is a client like any other.
    assert "\nCOPY clients/python/ /app/clients/python/\n" in dockerfile()
    assert "PYTHONPATH=/app:/app/clients/python " in dockerfile()

"""What every test may use: the real stores, a migrated database, and the settings that lead to them."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiobotocore.session import get_session
from blockbuster import BlockBuster, blockbuster_ctx
from hypothesis import HealthCheck
from hypothesis import settings as examples
from msgspec import structs

from media import limits
from server.settings import Settings
from stack.embedded import Stores, stores
from storage import migrate
from tests.valkeys import SPARE

# The same examples each time, however busy the machine is; `--hypothesis-profile=default` looks for others.
examples.register_profile("reelwire", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("reelwire")

SECRET = "a secret key that only these tests have"
WHOLE_SYSTEMS = tuple(
    f"tests/{name}" for name in ("soak/", "test_survival.py", "test_torture.py", "stack/test_up.py", "browser/", "bench/")
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts whole systems comes first.

    Of several processes one begins with them, one after the other, and the others with what is cheap; when those help it out,
    they take from the end, so that none of the dear ones is begun last while nobody has anything else to do.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(WHOLE_SYSTEMS))


@pytest.fixture(scope="session")
async def real_stores(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stores]:
    """PostgreSQL, Valkey and S3 for the whole session, without fsync. Tests share them and use names of their own."""
    folder: Path = tmp_path_factory.mktemp("stores")
    async with stores(folder, durable=False) as found:
        yield found


@pytest.fixture(scope="session")
async def settings(real_stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a process on these stores, whose database has every migration."""
    environment = real_stores.environment() | {
        "REELWIRE_ENVIRONMENT": "development",
        "REELWIRE_PUBLIC_URL": "http://reelwire.test",
        "REELWIRE_SECRET_KEYS": SECRET,
        "REELWIRE_RATE_LIMITS": "off",
        "REELWIRE_FEED_WARM_READERS": "0",  # every start would read for everybody whom tests have made
        "REELWIRE_WORK_DIR": str(tmp_path_factory.mktemp("work")),
    }
    found = Settings.from_environment(environment)
    await migrate.apply(found.database_url, migrate.read())
    return found


@pytest.fixture(scope="session", autouse=True)
async def no_spares_left() -> AsyncIterator[None]:
    """What waits for the next test that takes a cluster ends with the session."""
    yield
    await SPARE.kill()


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> Iterator[None]:
    """A shell has what it runs in the background ignore SIGINT, and so would every child (signal(7)); tests send it to some."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session", autouse=True)
def patient_pools() -> Iterator[None]:
    """A machine that stalls is no database that is away: connecting takes several turns of the loop."""
    with pytest.MonkeyPatch.context() as product:
        for module in ("storage.postgres", "server.kit.work"):
            product.setattr(f"{module}.CONNECT_SECONDS", 30.0)
        yield


@pytest.fixture(scope="session", autouse=True)
def nobody_steps_back() -> Iterator[None]:
    """Beside other tests, on few cores, whoever is polite hardly gets on, and neither does the test that waits for it."""
    with pytest.MonkeyPatch.context() as product:
        for name in ("PROBE", "PICTURES", "FINGERPRINT", "STILL"):
            product.setattr(limits, name, structs.replace(getattr(limits, name), niceness=0))
        product.setattr("media.steps.FIRST_NICENESS", 0)
        product.setattr("media.steps.REST_NICENESS", 1)
        product.setattr("recommend.process.NICE", 0)
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_starts() -> Iterator[None]:
    """Hundreds of processes start within this one: what botocore reads of itself is read once, and a password costs little."""
    session = get_session()
    with pytest.MonkeyPatch.context() as product:
        product.setattr("storage.objects.get_session", lambda: session)
        product.setattr("server.accounts.passwords.MEMORY_KIB", 64)
        product.setattr("server.accounts.passwords.PASSES", 1)
        yield


@pytest.fixture(autouse=True)
def nothing_blocks(request: pytest.FixtureRequest) -> Iterator[BlockBuster | None]:
    """A blocking call on the event loop is an error, in every test that runs on one."""
    if not asyncio.iscoroutinefunction(getattr(request.node, "obj", None)):
        yield None
        return
    with blockbuster_ctx(["server", "pubsub", "storage"]) as found:
        for function in found.functions.values():
            # A process starts by reading what it is made of; nobody waits for it yet.
            function.can_block_in("storage/objects.py", "open")
        # Until another program has begun; `asyncio` waits for that as well.
        found.functions["os.read"].can_block_in("subprocess.py", "_execute_child")
        yield found

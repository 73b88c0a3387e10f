"""`reelwire edge-config FOLDER`: the edge's configuration for an nginx that somebody else runs (docker-compose.yml does)."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from edge.config import Edge, write
from server.keys import derive
from server.settings import Settings


def main(argv: Sequence[str]) -> int:
    """Write the files; the exit status."""
    options = argparse.ArgumentParser(prog="reelwire edge-config", description="Write nginx' configuration into a folder.")
    options.add_argument("folder", type=Path)
    options.add_argument(
        "--listen", action="append", required=True, help="address as nginx takes it, e.g. 80 or [::]:80; may repeat"
    )
    options.add_argument(
        "--upstream", action="append", required=True, help="a serve process: host:port or unix:/path; may repeat"
    )
    options.add_argument("--client", type=Path, required=True, help="the folder of the built web client, as nginx sees it")
    options.add_argument("--state", type=Path, required=True, help="a folder for the cache and temporary files, as nginx sees it")
    options.add_argument("--resolver", default="", help="name server to ask again for upstreams with names (nginx ≥ 1.27.3)")
    options.add_argument("--probe", default="", help="address that answers 204 whatever happens behind, for health checks")
    options.add_argument("--pid", default="/tmp/nginx.pid")  # noqa: S108 - as the unprivileged official image has it
    options.add_argument("--access-log", default="/dev/stdout")
    options.add_argument(
        "--trusted-proxy", action="append", default=[], help="network whose X-Forwarded-For is believed; may repeat"
    )
    chosen = options.parse_args(argv)
    settings = Settings.from_environment()
    keys = tuple(map(derive, settings.secret_keys))
    edge = Edge(
        listen=tuple(chosen.listen),
        upstreams=tuple(chosen.upstream),
        resolver=chosen.resolver,
        probe=chosen.probe,
        client=chosen.client,
        state=chosen.state,
        pid=chosen.pid,
        access_log=chosen.access_log,
        media_secrets={key.id: key.media for key in keys},
        key=keys[0].edge,
        requests_per_second=settings.edge_requests_per_second if settings.rate_limits else 0,
        trusted_proxies=tuple(chosen.trusted_proxy),
    )
    print(write(edge, chosen.folder))
    return 0

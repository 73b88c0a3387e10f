"""The edge's configuration as text: templates of nginx files, filled in with addresses, folders and the keys of signed URLs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files as resource_files
from pathlib import Path
from string import Template

from edge.problems import BAD_SIGNATURE, PROBLEMS, Problem

BODY_LIMIT = "1m"
"""Largest body of a call that takes JSON; the application has stricter limits of its own (64 KiB)."""
READ_SECONDS = 6
"""How long the application may say nothing; it gives up on its own dependencies after 5 s."""
BURST_SECONDS = 2
"""An address that was silent may send so many seconds' requests at once."""
CACHE_SIZE, CACHE_MIN_FREE = "10g", "1g"
UPSTREAM_LIMITS = "max_fails=2 fail_timeout=2s"
SOCKETS_LIMITS = "max_fails=0"
"""No process is left out for its failures: nginx forgets them only when one request to it that is a trial has ended, and a socket
does not end for hours, so that a process which has come back would be given one socket in each `fail_timeout`."""
"""A serve process that fails twice is left alone for 2 s."""
RESOLVED_SECONDS = 5
"""So soon the edge knows of processes that came or went behind a name."""
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "media-src 'self' blob:",  # Media Source Extensions
        "img-src 'self' blob: data:",
        "worker-src 'self'",
        "manifest-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types reelwire-scripts",  # the one policy that makes scripts of addresses: web_client/src/kit/own-script.ts
    )
)
_TEMPLATES = resource_files("edge") / "templates"
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}"


@dataclass(frozen=True, kw_only=True)
class Edge:
    """What one edge has to know."""

    listen: tuple[str, ...]  # as nginx' `listen` takes them: 127.0.0.1:8080, unix:/path
    upstreams: tuple[str, ...]  # the serve processes: unix:/path or host:port
    client: Path  # the built web client
    state: Path  # cache and temporary files
    pid: str
    access_log: str
    media_secrets: Mapping[str, str]  # key id → secret
    key: str  # tells the application that a request came through here
    requests_per_second: int = 0  # of one address, to the API; 0: all
    probe: str = ""  # a `listen` that answers 204 without asking anybody
    resolver: str = ""  # a name server that is asked again and again for upstreams with names (nginx 1.27.3 and later)
    user: str = ""  # whom nginx' workers run as; only root may say
    workers: str = "auto"
    open_files: int = 8192
    read_seconds: int = READ_SECONDS
    trusted_proxies: tuple[str, ...] = field(default=())  # networks whose X-Forwarded-For is believed


def files(edge: Edge) -> dict[str, str]:
    """Every configuration file by its name; they lie in one folder, and nginx.conf is the one to start with."""
    names = ("nginx.conf", "proxy.conf", "proxy_headers.conf", "media.conf", "signed.conf", "reading.conf", "headers.conf")
    filled = {name: _filled(name, _values(edge)) for name in (*names, "page_headers.conf", "preflight.conf", "types.conf")}
    return {**filled, "problems.conf": "\n".join(_answer(problem) for problem in PROBLEMS)}


def write(edge: Edge, folder: Path) -> Path:
    """Write the files; the path of nginx.conf. The folder for state must exist before nginx starts."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in files(edge).items():
        file = folder / name
        file.touch(mode=0o600)  # the secrets of signed URLs are in one of them
        file.write_text(text)
    return folder / "nginx.conf"


class _Conf(Template):
    """`%{name}`: nginx has a use for the dollar."""

    delimiter = "%"


def _filled(name: str, values: Mapping[str, str]) -> str:
    return _Conf((_TEMPLATES / name).read_text()).substitute(values)


def _values(edge: Edge) -> dict[str, str]:
    return {
        "user": f"user {edge.user};" if edge.user else "",
        "workers": edge.workers,
        "files": str(edge.open_files),
        "connections": str(edge.open_files // 2),  # some descriptors are files
        "pid": _escaped(edge.pid),
        "state": _escaped(str(edge.state)),
        "client": _escaped(str(edge.client)),
        "access_log": _escaped(edge.access_log),
        "access_log_options": "buffer=32k flush=1s" if edge.access_log.startswith("/") else "",
        "body_limit": BODY_LIMIT,
        "read_seconds": str(edge.read_seconds),
        "retry_seconds": str(edge.read_seconds + 1),  # time for a second one to be asked
        "cache_size": CACHE_SIZE,
        "cache_min_free": CACHE_MIN_FREE,
        "content_security_policy": CONTENT_SECURITY_POLICY,
        "bad_signature": BAD_SIGNATURE.document,
        "uuid": _UUID,
        "name": _NAME,
        "media_secrets": "\n".join(f"        {key} {secret};" for key, secret in edge.media_secrets.items()),
        "serving": _upstreams(edge, UPSTREAM_LIMITS),
        "carrying": _upstreams(edge, SOCKETS_LIMITS),
        "listen": "\n".join(f'        listen "{_escaped(address)}" backlog=4096;' for address in edge.listen),
        "probe": _probe(edge.probe) if edge.probe else "",
        "edge_key": _escaped(edge.key),
        "request_rate": str(edge.requests_per_second),
        "request_zone": _zone(edge.requests_per_second),
        "request_limit": _limit(edge.requests_per_second),
        "trusted": "\n    ".join(f"set_real_ip_from {network};" for network in edge.trusted_proxies),
    }


def _zone(rate: int) -> str:
    return f"limit_req_zone $counted_address zone=requests:10m rate={rate}r/s;\n    limit_req_status 429;" if rate else ""


def _limit(rate: int) -> str:
    return f"limit_req zone=requests burst={rate * BURST_SECONDS} nodelay;" if rate else ""


def _resolver(address: str) -> str:
    # What was resolved lies in memory that all workers share.
    return f'        zone serve 256k;\n        resolver "{_escaped(address)}" valid={RESOLVED_SECONDS}s;\n' if address else ""


def _upstreams(edge: Edge, limits: str) -> str:
    return _resolver(edge.resolver) + "\n".join(_upstream(address, edge, limits) for address in edge.upstreams)


def _upstream(address: str, edge: Edge, limits: str) -> str:
    again = " resolve" if edge.resolver and not address.startswith("unix:") else ""
    return f'        server "{_escaped(address)}" {limits}{again};'


def _probe(listen: str) -> str:
    return f'    server {{\n        listen "{_escaped(listen)}";\n        access_log off;\n        return 204;\n    }}\n'


def _answer(problem: Problem) -> str:
    """A location that answers with the document of this problem, and the statuses that lead there.

    No named one: nginx goes to those only after it has understood the request line.
    """
    headers = "".join(f'    add_header {name} "{_escaped(value)}" always;\n' for name, value in problem.headers)
    return (
        f"error_page {' '.join(map(str, problem.raised))} ={problem.status} /problem/{problem.code};\n"
        f"location = /problem/{problem.code} {{\n"
        "    internal;\n"
        "    client_max_body_size 0;\n"  # an error in answering an error would be told by nginx' own page
        "    types { }\n"  # or the extension of the path would tell the type
        "    default_type application/problem+json;\n"
        f"{'' if problem.has_headers else '    include headers.conf;'}\n"
        f"{headers}"
        f"    return {problem.status} '{problem.document}';\n"
        "}\n"
    )


def _escaped(text: str) -> str:
    """For a place between double quotes."""
    return text.replace("\\", "\\\\").replace('"', '\\"')

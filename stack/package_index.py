"""Finds a pinned wheel in the index that pip is configured for, and fetches it. Standard library only: there is no pip yet."""

import configparser
import hashlib
import os
import platform
import re
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from stack.steps import StepError

PYPI = "https://pypi.org/simple"
SECONDS = 60
_FILES = ("/etc/xdg/pip/pip.conf", "/etc/pip.conf", "~/.pip/pip.conf", "~/.config/pip/pip.conf", f"{sys.prefix}/pip.conf")
_OPTIONS = ("index-url", "extra-index-url", "find-links", "cert", "trusted-host")


@dataclass(frozen=True, slots=True)
class Index:
    """Where packages come from, as pip's configuration files and PIP_* variables say."""

    url: str  # empty: PyPI
    extra: tuple[str, ...]
    links: tuple[str, ...]
    cert: str
    trusted: tuple[str, ...]

    def for_uv(self) -> dict[str, str]:
        """The same as variables for uv, which does not read pip's configuration; what the user told uv itself stays."""
        told = {
            "UV_DEFAULT_INDEX": self.url,
            "UV_INDEX": " ".join(self.extra),
            "UV_FIND_LINKS": ",".join(self.links),
            "UV_INSECURE_HOST": " ".join(self.trusted),
            "SSL_CERT_FILE": self.cert,
            # With hashes for everything it does not matter which of the indexes a file comes from.
            "UV_INDEX_STRATEGY": "unsafe-best-match",
        }
        return {name: value for name, value in told.items() if value and name not in os.environ}


def configured() -> Index:
    """The index by pip's rules: later files over earlier ones, variables over files."""
    found = dict.fromkeys(_OPTIONS, "")
    for path in (*_FILES, os.environ.get("PIP_CONFIG_FILE", "")):
        parser = configparser.RawConfigParser()
        parser.read(Path(path).expanduser() if path else [], encoding="utf-8")
        for section in ("global", "install"):
            if parser.has_section(section):
                found.update({name: value for name, value in parser.items(section) if name in found})
    for name in _OPTIONS:
        found[name] = os.environ.get("PIP_" + name.upper().replace("-", "_"), found[name])
    words = {name: tuple(value.split()) for name, value in found.items()}
    return Index(
        url=found["index-url"],
        extra=words["extra-index-url"],
        links=words["find-links"],
        cert=found["cert"],
        trusted=words["trusted-host"],
    )


def pins(lock: Path, name: str) -> set[str]:
    """The SHA-256 sums of a package in a lock file."""
    entry = re.search(rf"^{re.escape(name)}==(?:.*\\\n)*.*", lock.read_text(), re.MULTILINE)
    return set(re.findall(r"sha256:([0-9a-f]{64})", entry[0])) if entry else set()


def fetch(name: str, lock: Path, folder: Path) -> Path:
    """The wheel of this package for this machine, whose sum is in the lock file.

    Raises:
        StepError: no index has it, or none can be reached.
    """
    wanted, index = pins(lock, name), configured()
    troubles: list[str] = []
    for page in _pages(index, name):
        try:
            for url in _wheels(page, _read(page, index).decode()):
                if url.fragment.removeprefix("sha256=") in wanted or not url.fragment:
                    data = _read(url._replace(fragment="").geturl(), index)
                    if hashlib.sha256(data).hexdigest() in wanted:
                        file = folder / urllib.parse.unquote(url.path.rpartition("/")[2])
                        folder.mkdir(parents=True, exist_ok=True)
                        file.write_bytes(data)
                        return file
        except (OSError, ValueError) as error:
            troubles.append(f"{page}: {_explained(error)}")
    raise StepError(f"the pinned wheel of {name} was not found; " + ("; ".join(troubles) or "no index has it"))


def _pages(index: Index, name: str) -> Iterator[str]:
    """The pages that may list the package, the nearest first (PEP 503)."""
    for place in index.links:
        yield place if "://" in place else Path(place).resolve().as_uri()
    for url in (index.url or PYPI, *index.extra):
        yield f"{url.rstrip('/')}/{name}/"


def _wheels(page: str, text: str) -> Iterator[urllib.parse.SplitResult]:
    """Links to wheels of this platform; the embedded servers are for glibc, so that is what is asked for."""
    links = _Links()
    links.feed(text)
    for target in links.targets:
        url = urllib.parse.urlsplit(urllib.parse.urljoin(page, target))
        if re.search(rf"(-none-any|manylinux[^/]*_{platform.machine()})\.whl$", url.path):
            yield url


def _read(url: str, index: Index) -> bytes:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "file":
        path = Path(urllib.request.url2pathname(parts.path))
        return _listing(path) if path.is_dir() else path.read_bytes()
    context = ssl.create_default_context(cafile=index.cert or None)
    if parts.hostname in index.trusted:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    request = urllib.request.Request(parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl())  # noqa: S310 - the user's own index
    if parts.username:
        import base64

        pair = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        request.add_header("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}")
    with urllib.request.urlopen(request, timeout=SECONDS, context=context) as answer:  # noqa: S310
        return bytes(answer.read())


def _listing(folder: Path) -> bytes:
    """The page of a folder: its own, or one made of its files."""
    page = folder / "index.html"
    if page.exists():
        return page.read_bytes()
    return "".join(f'<a href="{file.as_uri()}"></a>' for file in sorted(folder.iterdir())).encode()


def _explained(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return "its certificate is not trusted. On Debian type: apt-get install ca-certificates (or set PIP_CERT)"
    return str(reason)


class _Links(HTMLParser):
    """Collects where the links of a page lead."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.targets += [value for name, value in attrs if name == "href" and value]

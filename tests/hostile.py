"""What schemathesis has to know of reelwire beyond the document: who asks. schemathesis.toml names this file."""

import json
import os
import secrets
from typing import Any
from urllib.request import Request, urlopen

import schemathesis

WITHIN_SECONDS = 20.0
TOKEN = "REELWIRE_SCHEMATHESIS_TOKEN"
"""The variable with an access token; without it nobody asks."""
SESSIONS = "/api/v1/sessions/"


def token(url: str) -> str:
    """The access token of somebody new, with a password that no example tells: `DELETE /me` is asked for too."""
    name = f"u{secrets.token_hex(8)}"
    form = {"username": name, "email": f"{name}@example.org", "password": secrets.token_hex(16)}
    asked = Request(f"{url.rstrip('/')}/api/v1/accounts", json.dumps(form).encode(), {"Content-Type": "application/json"})
    with urlopen(asked, timeout=WITHIN_SECONDS) as answer:
        return str(json.load(answer)["access_token"])


class Somebody:
    """Whoever the token belongs to; log-ins are ended by others, or all that is asked afterwards would be refused."""

    def get(self, case: Any, _context: Any) -> str:
        """A token."""
        ends = case.method == "DELETE" and case.path.startswith(SESSIONS)
        return token(case.operation.base_url) if ends else os.environ[TOKEN]

    def set(self, case: Any, data: str, _context: Any) -> None:
        """Send it."""
        case.headers["Authorization"] = f"Bearer {data}"


if TOKEN in os.environ:
    schemathesis.auth(refresh_interval=None)(Somebody)

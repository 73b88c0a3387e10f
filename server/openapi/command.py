"""`reelwire openapi`: the document of the HTTP API, as it is committed for whoever makes a client of it."""

import json
import sys
from collections.abc import Sequence

from server.openapi.document import document
from server.openapi.operations import OPERATIONS

USAGE = 2


def main(words: Sequence[str]) -> int:
    """Print it; the exit status."""
    if words:
        sys.stderr.write("Usage: reelwire openapi > clients/openapi.json\n")
        return 0 if words[0] in ("--help", "-h") else USAGE
    sys.stdout.write(text())
    return 0


def text() -> str:
    """The document in lines, so that changes can be read."""
    return json.dumps(document(OPERATIONS), indent=1, ensure_ascii=False) + "\n"

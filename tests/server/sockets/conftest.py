"""Live sessions are what sockets are for: they are tested on the same stage."""

from tests.server.conftest import client
from tests.server.live.conftest import node, patient_commands, quick_rounds, short_hold, socket_sessions, stage

__all__ = ["client", "node", "patient_commands", "quick_rounds", "short_hold", "socket_sessions", "stage"]

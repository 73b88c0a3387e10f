"""Every limit of a connection in one list."""

HEARTBEAT_SECONDS = 25.0
SILENT_HEARTBEATS = 2
"""A peer that sent nothing for so many heartbeats is gone."""
CLOSE_SECONDS = 10.0
"""From our close frame to the cutting of the connection, for a peer that does not answer it."""
RETRY_SPREAD_MS = 5000
"""Over so long the clients of a stopping process are asked to come back."""
SEND_BUFFER_BYTES = 64 * 1024
"""Of the kernel, for one session."""
READ_BYTES = 64 * 1024
"""Read from one socket in one go."""
READY_AT_ONCE = 256
"""Sockets read in one turn of the event loop."""
PARSED_BYTES = 4096
"""Of what was read are parsed at once; the rest waits while WAITING_MESSAGES do."""
WAITING_MESSAGES = 32
"""Messages of one session that wait for the answer to the one before; with so many its socket is not read."""

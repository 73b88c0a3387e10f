"""The AsyncAPI 3.0 document of the socket, made from the wire types."""

from functools import lru_cache
from typing import Any, get_args

import msgspec

from server.live.limits import MAX_MESSAGE_BYTES
from server.live.wire import ClientMessage, ServerMessage
from server.sockets import codes
from server.sockets.limits import HEARTBEAT_SECONDS
from server.sockets.upgrade import SUBPROTOCOL

SCHEMAS = "#/components/schemas/{name}"
CHANNEL = "#/channels/live"


@lru_cache(maxsize=1)
def document(public_url: str) -> dict[str, Any]:
    """The document; `public_url` is the origin that clients see."""
    scheme, _, host = public_url.partition("://")
    server, client = get_args(ServerMessage), get_args(ClientMessage)
    _, schemas = msgspec.json.schema_components([*server, *client], ref_template=SCHEMAS)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "reelwire live", "version": "1", "description": _description()},
        "defaultContentType": "application/json",
        "servers": {"here": {"host": host, "protocol": "wss" if scheme == "https" else "ws"}},
        "channels": {"live": _channel([*server, *client])},
        "operations": {"hear": _operation("send", server), "say": _operation("receive", client)},
        "components": {
            "schemas": schemas,
            "messages": {shape.__name__: _message(shape) for shape in (*server, *client)},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "ticket": {"type": "httpApiKey", "in": "query", "name": "ticket"},
            },
        },
    }


def _description() -> str:
    return (
        f"One JSON object per text frame, at most {MAX_MESSAGE_BYTES} bytes from the client. "
        f"The server pings every {HEARTBEAT_SECONDS:.0f} s. Events: {', '.join(_event_names())}. Close codes: {_codes()}."
    )


def _event_names() -> tuple[str, ...]:
    """The values of `event`, wherever a message has that."""
    fields = [field for shape in get_args(ServerMessage) for field in msgspec.structs.fields(shape) if field.name == "event"]
    return tuple(name for field in fields for name in get_args(field.type))


def _codes() -> str:
    closes = {close for close in vars(codes).values() if isinstance(close, codes.Close)}
    return "; ".join(f"{close.code} {close.reason}" for close in sorted(closes))


def _channel(shapes: list[type]) -> dict[str, Any]:
    return {
        "address": "/api/v1/live",
        "messages": {shape.__name__: {"$ref": f"#/components/messages/{shape.__name__}"} for shape in shapes},
        "bindings": {
            "ws": {
                "method": "GET",
                "query": {"type": "object", "properties": {"ticket": {"type": "string"}}},
                "headers": {"type": "object", "properties": {"Sec-WebSocket-Protocol": {"const": SUBPROTOCOL}}},
            }
        },
    }


def _operation(action: str, shapes: tuple[type, ...]) -> dict[str, Any]:
    """`send` and `receive` are meant from our side (AsyncAPI 3.0, Operation Object)."""
    return {
        "action": action,
        "channel": {"$ref": CHANNEL},
        "messages": [{"$ref": f"{CHANNEL}/messages/{shape.__name__}"} for shape in shapes],
    }


def _message(shape: type) -> dict[str, Any]:
    return {
        "name": shape.__name__,
        "summary": (shape.__doc__ or "").partition("\n")[0],
        "payload": {"$ref": SCHEMAS.format(name=shape.__name__)},
    }

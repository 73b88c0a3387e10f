"""What the edge itself refuses, as problem documents (RFC 9457): it must not be told from the application by its answers."""

import json
from dataclasses import dataclass
from http import HTTPStatus

RETRY_AFTER_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """One refusal: the statuses that nginx raises for it, and how it is answered."""

    raised: tuple[int, ...]
    status: int
    code: str
    detail: str
    headers: tuple[tuple[str, str], ...] = ()
    has_headers: bool = False  # those of the answer that it replaces are there already, and would be there twice

    @property
    def document(self) -> str:
        """The body, free of quotes and dollars that nginx would read."""
        members = {"type": "about:blank", "title": HTTPStatus(self.status).phrase, "status": self.status}
        return json.dumps(members | {"detail": self.detail, "code": self.code}, separators=(",", ":"))


BAD_SIGNATURE = Problem((), 403, "bad_signature", "The URL is not signed, was changed, or has expired.")
AWAY = (("Retry-After", str(RETRY_AFTER_SECONDS)),)
SLOWER = (("Retry-After", "1"), ("RateLimit-Policy", "$request_policy"), ("RateLimit", '"requests";r=0;t=1'))
NOT_KEPT = (("Cache-Control", "no-store"),)
READ_ONLY = (("Allow", "GET, HEAD"),)
PROBLEMS = (
    # 494 to 497 are nginx' own: headers too large, and three of TLS.
    # So are 501 and 505, for a Transfer-Encoding or a version of HTTP that it does not know.
    Problem((400, 494, 495, 496, 497, 501, 505), 400, "malformed", "The request cannot be parsed."),
    Problem((403,), 403, "forbidden", "This is not for you."),
    Problem((404,), 404, "not_found", "There is nothing here."),
    Problem((405,), 405, "method_not_allowed", "Only GET and HEAD work here.", READ_ONLY),
    Problem((408,), 408, "timed_out", "The request took too long to arrive."),
    Problem((411,), 411, "length_required", "The request needs a Content-Length."),
    Problem(
        (412,), 412, "precondition_failed", "The object is not as the request has it.", (("Cache-Control", "no-store"),), True
    ),
    Problem((413,), 413, "body_too_large", "The body is larger than this call takes."),
    Problem((414,), 414, "uri_too_long", "The address is too long."),
    # Of the limit of an address. The fields' draft: draft-ietf-httpapi-ratelimit-headers-11.
    Problem((429,), 429, "rate_limited", "That was too often; try again in a second.", SLOWER),
    # nginx finds out when it sends the object: what it had to say about that one's life must not hold for the refusal.
    Problem((416,), 416, "range_not_satisfiable", "The range begins beyond the end.", NOT_KEPT, True),
    Problem((500,), 500, "internal", "This is a fault of ours."),
    Problem((502, 503, 504), 503, "unavailable", "The service is briefly unavailable; try again.", AWAY),
)

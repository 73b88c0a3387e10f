"""Tokens: JWTs (RFC 7519) with one fixed algorithm, in which every claim that we rely on is required."""

import time
from uuid import UUID

import jwt
import msgspec

from server.keys import Key
from server.kit.ids import new_id, parse_id

ALGORITHM = "HS256"
ISSUER = "reelwire"
AUDIENCE = "reelwire"
LEEWAY_SECONDS = 30
MAX_TOKEN_BYTES = 2048
REQUIRED = ["iss", "aud", "exp", "iat", "jti", "typ", "sub", "sid"]


class Claims(msgspec.Struct, frozen=True):
    """Who a token speaks for.

    Attributes:
        account_id: the account.
        session_id: the log-in it came from; revoked with it.
        expires_at: unix seconds.
        generation: of a refresh token, its number in its family; 0 in access tokens.
    """

    account_id: UUID
    session_id: UUID
    expires_at: int
    generation: int = 0


class Tokens:
    """Issues with the first key and verifies with all of them, found by the token's `kid`."""

    def __init__(self, keys: tuple[Key, ...], access_seconds: int, refresh_seconds: int) -> None:
        self._keys = {key.id: key.token for key in keys}
        self._first = keys[0]
        self.access_seconds = access_seconds
        self.refresh_seconds = refresh_seconds

    def access(self, account_id: UUID, session_id: UUID) -> str:
        return self._issue("access", account_id, session_id, self.access_seconds)

    def refresh(self, account_id: UUID, session_id: UUID, generation: int) -> str:
        return self._issue("refresh", account_id, session_id, self.refresh_seconds, generation)

    def read_access(self, token: str) -> Claims | None:
        """The claims of a good access token; None for anything else."""
        return self._read(token, "access", self.access_seconds)

    def read_refresh(self, token: str) -> Claims | None:
        """The claims of a refresh token that we issued and that has not expired; None for anything else."""
        return self._read(token, "refresh", self.refresh_seconds)

    def _issue(self, typ: str, account_id: UUID, session_id: UUID, seconds: int, generation: int = 0) -> str:
        now = int(time.time())
        # The account stands first: the edge sends all of one account's requests to one process, by the beginning of the token.
        claims: dict[str, str | int] = {"sub": str(account_id), "sid": str(session_id), "gen": generation, "typ": typ}
        claims |= {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + seconds, "jti": str(new_id())}
        return jwt.encode(claims, self._first.token, algorithm=ALGORITHM, headers={"kid": self._first.id})

    def _read(self, token: str, typ: str, life: int) -> Claims | None:
        if len(token) > MAX_TOKEN_BYTES:
            return None
        try:
            key = self._keys[jwt.get_unverified_header(token)["kid"]]
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                leeway=LEEWAY_SECONDS,
                options={"require": REQUIRED, "strict_aud": True},
            )
        except (jwt.PyJWTError, KeyError, TypeError, ValueError):
            return None
        return _claims(claims, typ, life)


def _claims(claims: dict[str, object], typ: str, life: int) -> Claims | None:
    account_id, session_id = parse_id(str(claims["sub"])), parse_id(str(claims["sid"]))
    expires_at, generation, now = claims["exp"], claims.get("gen"), time.time()
    if claims["typ"] != typ or account_id is None or session_id is None:
        return None
    if type(expires_at) is not int or type(generation) is not int:
        return None
    # PyJWT's leeway lets a token live on for as long; clocks of ours differ by less than that, ends are exact.
    if not now <= expires_at + (0 if typ == "access" else LEEWAY_SECONDS) or expires_at > now + life + LEEWAY_SECONDS:
        return None
    return Claims(account_id, session_id, expires_at, generation)

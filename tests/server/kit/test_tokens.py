"""Access and refresh tokens: what is refused, although it is well signed."""

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from server.keys import derive
from server.kit.ids import new_id
from server.kit.tokens import ALGORITHM, Tokens

KEY, OTHER = derive("the secret of these tests, long enough"), derive("the secret of somebody else, long too")
TOKENS = Tokens((KEY,), access_seconds=900, refresh_seconds=10_000)


def _claims(**change: Any) -> dict[str, Any]:
    now = int(time.time())
    good = {"iss": "reelwire", "aud": "reelwire", "iat": now, "exp": now + 900, "jti": "1", "typ": "access", "gen": 0}
    return good | {"sub": str(new_id()), "sid": str(new_id())} | change


def _signed(claims: dict[str, Any], key: Any = KEY.token, kid: str = KEY.id, algorithm: str = ALGORITHM) -> str:
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})


def test_what_we_issue_we_read() -> None:
    account, session = new_id(), new_id()
    claims = TOKENS.read_access(TOKENS.access(account, session))
    assert claims is not None
    assert (claims.account_id, claims.session_id) == (account, session)
    refresh = TOKENS.read_refresh(TOKENS.refresh(account, session, 7))
    assert refresh is not None
    assert refresh.generation == 7


def test_neither_kind_is_the_other() -> None:
    account, session = new_id(), new_id()
    assert TOKENS.read_access(TOKENS.refresh(account, session, 0)) is None
    assert TOKENS.read_refresh(TOKENS.access(account, session)) is None


@pytest.mark.parametrize("name", ["iss", "aud", "exp", "iat", "jti", "typ", "sub", "sid"])
def test_each_claim_is_required(name: str) -> None:
    claims = _claims()
    assert TOKENS.read_access(_signed(claims)) is not None
    del claims[name]
    assert TOKENS.read_access(_signed(claims)) is None


@pytest.mark.parametrize(
    "wrong",
    [
        lambda _: {"iss": "somebody"},
        lambda _: {"aud": "somebody"},
        lambda _: {"aud": ["reelwire", "somebody"]},
        lambda now: {"exp": now - 1},
        lambda now: {"exp": now + 10**9},
        lambda now: {"exp": str(now + 100)},
        lambda now: {"nbf": now + 1000},
        lambda now: {"iat": now + 1000},
        lambda _: {"typ": "ticket"},
        lambda _: {"sub": "not-an-id"},
        lambda _: {"sub": 5},
    ],
)
def test_a_claim_that_is_wrong_is_refused(wrong: Callable[[int], dict[str, Any]]) -> None:
    """By the clock of the test: a quarter of an hour may have passed since all of them were collected."""
    try:
        token = _signed(_claims(**wrong(int(time.time()))))
    except TypeError:  # PyJWT does not even encode a numeric subject
        return
    assert TOKENS.read_access(token) is None


def test_only_our_algorithm_and_keys_count() -> None:
    claims = _claims()
    assert TOKENS.read_access(_signed(claims, key=OTHER.token)) is None
    assert TOKENS.read_access(_signed(claims, key=OTHER.token, kid=OTHER.id)) is None
    with pytest.warns(jwt.warnings.InsecureKeyLengthWarning):  # of the token that we make here, not of the reading
        other_algorithm = _signed(claims, algorithm="HS512")
    assert TOKENS.read_access(other_algorithm) is None
    assert TOKENS.read_access(_signed(claims, key=None, algorithm="none")) is None
    for kid in ("../../dev/null", "' OR 1=1--", "x" * 10_000):
        assert TOKENS.read_access(_signed(claims, kid=kid)) is None
    for garbage in ("", ".", "a.b.c", "not.a.token", "x" * 5_000_000):
        assert TOKENS.read_access(garbage) is None


def test_keys_rotate() -> None:
    token = TOKENS.access(new_id(), new_id())
    assert Tokens((OTHER, KEY), 900, 10_000).read_access(token) is not None
    assert Tokens((OTHER,), 900, 10_000).read_access(token) is None

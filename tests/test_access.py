"""docs/access.md is true: each of its cells is asked for, and no call that names something is missing there."""

from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest

from server.kit.ids import new_id
from server.posters import actions as posters
from server.settings import Settings
from server.web import application
from tests import matrix
from tests.cast import KINDS, SENT, Cast, Names, cast_of
from tests.matrix import Call, Case, Listing, Refused
from tests.overheard import Ear, overheard
from tests.people import Answer, Person

CASES, LISTS = matrix.cases(), matrix.lists()
ALL = {str(case.call): case.call for case in CASES}
THERE_ANYWAY = {"OPTIONS /uploads/{id}", "GET /hashtags/{tag}/videos"}
"""Whatever they name."""
JSON = [call for call in ALL.values() if "json" in SENT.get(call.route, {})]


class Stage(NamedTuple):
    """The application, and who uses it."""

    cast: Cast
    ear: Ear

    async def ask(self, person: Person, call: Call, names: Names) -> Answer:
        return await person.call(call.method, _filled(call, names), **SENT.get(call.route, {}))


def _filled(call: Call, names: Names) -> str:
    path, _, query = call.path.partition("?")
    return path.format(**names) + (f"?{names[query]}" if query else "")


@pytest.fixture(scope="module")
async def stage(settings: Settings) -> AsyncIterator[Stage]:
    async with overheard(settings) as (client, ear):
        yield Stage(await cast_of(client), ear)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker is here that a poster could be waited for."""
    monkeypatch.setattr(posters, "WAIT_SECONDS", 0.0)


def test_every_call_that_names_something_has_its_row(settings: Settings) -> None:
    routes = {
        matrix.route_of(route.method, route.resource.canonical)
        for route in application(settings).router.routes()
        if route.resource is not None and "{" in route.resource.canonical
    }
    # aiohttp answers HEAD wherever there is a GET.
    assert {(m, path) for m, path in routes if m != "HEAD" or ("GET", path) not in routes} == {c.route for c in ALL.values()}


def test_every_row_tells_everybody() -> None:
    rows = [tuple(case.answers) for case in CASES] + [tuple(listing.shows) for listing in LISTS]
    assert set(rows) == {("owner", "follower", "stranger", "blocked", "blocker", "anonymous")}
    assert len({(case.call, case.kind) for case in CASES}) == len(CASES)
    for call in ALL.values():
        kinds = {case.kind for case in CASES if case.call == call}
        assert "/videos/{id}" not in call.path or kinds == set(KINDS), call


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.call}-{case.kind}")
async def test_everybody_is_answered_as_the_page_says(stage: Stage, case: Case) -> None:
    call = case.call
    # What changes how people stand to each other is done among people of its own.
    alone = case.kind == "user" and call.method != "GET"
    here = stage._replace(cast=await cast_of(stage.cast.client)) if alone else stage
    names = await here.cast.thing(call.path, case.kind)
    for who, person in reversed(here.cast.people.items()):  # the owner last: theirs may be gone then
        answer, wanted = await here.ask(person, call, names(who)), case.answers[who]
        if wanted is None:
            assert answer.status in call.done, (who, answer.body)
            continue
        _is(answer, wanted, call, who)
        if wanted.status in (401, 404) or wanted.code == "bad_signature":
            await _is_as_if_it_were_not_there(here, call, person, answer)


def _is(answer: Answer, wanted: Refused, call: Call, who: str) -> None:
    assert answer.status == wanted.status, (who, answer.body)
    if call.method != "HEAD":
        assert (answer.body["status"], answer.code) == wanted, who


async def _is_as_if_it_were_not_there(stage: Stage, call: Call, person: Person, hidden: Answer) -> None:
    asked = list(stage.ear.heard)
    absent = await stage.ask(person, call, stage.cast.absent(call.path))
    if call.path != "/media/{path}" or hidden.status == 403:  # below a public video it is told what there is not
        assert (hidden.status, hidden.body, _told(hidden)) == (absent.status, absent.body, _told(absent))
    if not call.path.startswith("/media/"):  # of media the origin remembers what there is, and what there is not
        assert asked == stage.ear.heard
        assert bool(asked) == (hidden.status == 404)


def _told(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "Date"}


@pytest.mark.parametrize("call", ALL.values(), ids=str)
async def test_what_is_not_there_is_told_to_all_alike(stage: Stage, call: Call) -> None:
    for who in ("owner", "stranger"):
        answer = await stage.ask(stage.cast.people[who], call, stage.cast.absent(call.path))
        if str(call) in THERE_ANYWAY:
            assert answer.status in call.done
        elif call.path.startswith("/media/{") and "?" not in call.path:
            _is(answer, Refused(403, "bad_signature"), call, who)
        else:
            _is(answer, Refused(404, "not_found"), call, who)


async def test_a_name_is_as_good_as_an_id(stage: Stage) -> None:
    people = stage.cast.people
    for call in (call for call in ALL.values() if call.path.startswith("/users/")):
        assert (await stage.ask(people["stranger"], call, {"user": stage.cast.owner.username})).status in call.done
        hidden = await stage.ask(people["blocked"], call, {"user": stage.cast.owner.username})
        asked = list(stage.ear.heard)
        absent = await stage.ask(people["blocked"], call, {"user": "nobody_has_it"})
        assert (hidden.status, hidden.body, _told(hidden)) == (404, absent.body, _told(absent))
        assert asked == stage.ear.heard


@pytest.mark.parametrize("call", JSON, ids=str)
async def test_refusals_come_in_order(stage: Stage, call: Call) -> None:
    stranger, owner, anonymous = (stage.cast.people[who] for who in ("stranger", "owner", "anonymous"))
    hidden, unfinished = await stage.cast.video("private"), await stage.cast.video("unfinished")
    unparsable = {"data": b"{", "headers": {"Content-Type": "application/json"}}
    impossible = {"json": {"nothing_is_called_so": 1}}

    async def ask(person: Person, name: object, **sent: object) -> int:
        return (await person.call(call.method, call.path.format(id=name), **sent)).status

    for name in (hidden, new_id(), "no-id"):
        assert await ask(anonymous, name, **unparsable) == 401
        assert await ask(stranger, name, data=b"{}", headers={"Content-Type": "text/plain"}) == 415
        assert await ask(stranger, name, json={"text": "x" * 70_000}) == 413
        assert await ask(stranger, name, **unparsable) == 400
        assert await ask(stranger, name, **impossible) == 404
    assert await ask(owner, unfinished, **impossible) == 422


@pytest.mark.parametrize("listing", LISTS, ids=lambda listing: str(listing.call))
async def test_lists_show_what_the_page_says(stage: Stage, listing: Listing) -> None:
    tag = f"tag_{new_id().hex}"
    made = {str(await stage.cast.video(kind, title=f"#{tag}")): kind for kind in KINDS}
    path = listing.call.path.format(user=stage.cast.owner.id, tag=tag) + "?limit=50"
    for who, person in stage.cast.people.items():
        answer, wanted = await person.get(path), listing.shows[who]
        if isinstance(wanted, Refused):
            _is(answer, wanted, listing.call, who)
        else:
            assert {made[item["id"]] for item in answer.body["items"] if item["id"] in made} == wanted, who

"""GET, PATCH and DELETE /me/suggestions."""

from tests.people import Person


async def test_one_may_forbid_it_allow_it_and_have_all_forgotten(ann: Person) -> None:
    assert (await ann.get("/me/suggestions")).body == {"learns": True, "since": None}
    forbidden = (await ann.patch("/me/suggestions", json={"learns": False})).body
    assert not forbidden["learns"]
    assert (await ann.get("/me/suggestions")).body == forbidden
    assert (await ann.delete("/me/suggestions")).status == 204
    again = (await ann.get("/me/suggestions")).body
    assert not again["learns"]
    assert again["since"] >= forbidden["since"]
    assert (await ann.patch("/me/suggestions", json={"learns": True})).body["since"] >= again["since"]


async def test_it_is_asked_of_and_by_whoever_is_logged_in(ann: Person, nobody: Person) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        assert (await nobody.call(method, "/me/suggestions", json={"learns": True})).code == "not_authenticated"
    assert (await ann.patch("/me/suggestions", json={"learns": "no"})).fields == {"learns"}
    assert (await ann.patch("/me/suggestions", json={})).status == 422

"""The API's document: valid, and true to the routes."""

from openapi_spec_validator import validate

from server.openapi.document import BASE, document
from server.openapi.operations import OPERATIONS
from server.settings import Settings
from server.web import application
from tests.people import Person

NOT_OF_THE_API = {"/api/v1/openapi.json", "/api/v1/asyncapi.json", "/api/v1/live"}
"""Documents, and the socket, which AsyncAPI describes."""


def test_it_is_openapi_3_1() -> None:
    found = document(OPERATIONS)
    validate(found)
    assert found["openapi"].startswith("3.1")


def test_every_route_is_in_it_and_nothing_else(settings: Settings) -> None:
    routes = {
        (route.method, route.resource.canonical)
        for route in application(settings).router.routes()
        if route.resource and route.method not in ("HEAD", "OPTIONS")
    }
    api = {(method, path) for method, path in routes if path.startswith(BASE) and path not in NOT_OF_THE_API}
    assert {(o.method, BASE + o.path) for o in OPERATIONS} == api


async def test_it_is_served_and_can_be_browsed(nobody: Person) -> None:
    assert (await nobody.get("/api/v1/openapi.json")).body["info"]["title"] == "reelwire"
    page = await nobody.get("/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    assert b"/api/v1/videos/{id}" in page.body

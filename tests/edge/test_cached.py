"""Where nginx keeps a file, and that it asks anew for one that was deleted behind its back."""

from edge.cached import file_of
from tests.edge.conftest import Edge
from tests.edge.test_media import hold


async def test_a_file_that_is_deleted_is_asked_for_anew(edge: Edge) -> None:
    path = hold(edge)
    await edge.get(path)
    assert (await edge.get(path))[0].headers["X-Cache"] == "HIT"
    file = file_of(edge.cache, path)
    assert path.encode() in file.read_bytes()
    file.unlink()
    answer, _ = await edge.get(path)
    assert (answer.status, answer.headers["X-Cache"]) == (200, "MISS")
    assert len(edge.origin.asked_for(path)) == 2
    del edge.origin.things[path]
    file.unlink()
    assert (await edge.get(path))[0].status == 404
    assert not file.exists()

"""Nothing stays behind of sessions that have ended."""

from tests.server.live.stage import Node, Stage
from tests.waiting import until


async def test_whoever_has_left_is_forgotten_whole(stage: Stage, node: Node) -> None:
    presence = node.gateway.hub.presence
    ann, ben, cat = await stage.somebody(), await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben, cat)
    async with node.listen(ann) as one:
        await one.answered()
        async with node.listen(ann) as two:
            await two.answered()
            assert len(presence) == 2
            assert [audience.id for audience in presence.followers(ben.id)] == [ann.id]
            await stage.unfollow(ann, ben)
            await until(lambda: not presence.followers(ben.id))
        await until(lambda: len(presence) == 1)
        assert presence.followers(cat.id)
    await until(lambda: len(presence) == 0)
    assert not presence.followers(cat.id)
    assert presence.audience(ann.id) is None


async def test_a_session_that_is_cut_while_it_opens_leaves_nothing_behind(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    for _ in range(10):
        async with node.listen(ann) as ear:
            ear.cut()
    await until(lambda: len(node.gateway.hub.presence) == 0)
    assert not node.gateway.hub.presence.followers(ben.id)

"""The rules of sharing: whose files a new video shows at once, what is stored only once, and when nobody needs it any more.

Nobody learns of a video that they may not see: of such a one only those files are shared that the job made again, byte by byte.
"""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from server.follows import queries as follows
from server.sight import queries as sight
from server.videos import queries, shared
from server.videos.shared import Copyable, OfFile, key_of, stored_below
from server.videos.wire import NewVideo, Shared, Visibility
from storage.jobs import LEASE_SECONDS
from storage.postgres import Rows

MOST_OF_FILE = 50
"""So many videos of the same bytes are looked at, the oldest ones."""
UNUSED_SECONDS = 2 * LEASE_SECONDS
"""What its last user has left is removed after so long: somebody may be reading it."""

Places = dict[tuple[str, str], tuple[UUID, int]]
"""Of files, by name and SHA-256, below which video and generation they are stored."""


@dataclass(frozen=True, slots=True)
class Others:
    """Complete videos of the same bytes that an author may see, oldest first."""

    followed: set[UUID]
    complete: list[Copyable]

    def visibilities(self, source: Copyable) -> list[Visibility]:
        """With these one of them may still be seen."""
        return ["public", "followers"] if source.author_id in self.followed else ["public"]


async def copy(conn: Rows, new: NewVideo, video_id: UUID) -> bool:
    """Make it ready at once with what another author's video of the same bytes has, if this author may see such a one.

    The statements are the same ones, and as many, whether or not there are such videos that the author may not see.
    """
    others = await visible(conn, OfFile(video_id, new.author_id), new.sha256)
    source = next(iter(others.complete), None)
    made = None if source is None else await shared.hold(conn, source.id, others.visibilities(source))
    if source is None or made is None:
        return False  # it was deleted or hidden just now: the job does it
    await shared.copy(conn, source.id, OfFile(video_id, new.author_id), made)
    await shared.use(conn, video_id, await _taken(conn, source.id, {number: number for number in made.generations()}))
    return True


async def copy_again(conn: Rows, to: OfFile, source: Copyable, others: Others, above: int, seconds: float) -> int | None:
    """Show what another video of the same bytes has, in place of what is lost.

    Args:
        conn: of the transaction, which holds the rows of the author and of the video.
        to: the video that has lost something.
        source: one of `others`.
        others: whose bytes are the same.
        above: the newest generation that the video has had: what was made otherwise must not lie where that did.
        seconds: how long what it showed until now can be had.

    Returns:
        The newest generation that it has then; None where the other one is not complete or visible any more, and nothing is done.
    """
    made = await shared.hold(conn, source.id, others.visibilities(source))
    if made is None:
        return None
    numbers = {number: above + count for count, number in enumerate(made.generations(), start=1)}
    await shared.show(conn, to, made.numbered(numbers))
    await shared.use(conn, to.video_id, await _taken(conn, source.id, numbers))
    await retire(conn, to.video_id, set(numbers.values()), seconds)
    return max(numbers.values())


async def visible(conn: Rows, of: OfFile, sha256: bytes) -> Others:
    """What others have made of these bytes, as far as the author may see it."""
    others, followed = await _others(conn, of, sha256)
    return Others(followed, await shared.copyable(conn, [other.video_id for other in others], followed))


async def playing(conn: Rows, of: OfFile, sha256: bytes) -> list[UUID]:
    """Other videos of these bytes that the author may see, complete or not."""
    others, followed = await _others(conn, of, sha256)
    return await shared.seen(conn, [other.video_id for other in others], followed)


async def _others(conn: Rows, of: OfFile, sha256: bytes) -> tuple[list[OfFile], set[UUID]]:
    """Other videos of these bytes, but for those of authors who are hidden from this one; those authors whom it follows."""
    others = [other for other in await shared.of_file(conn, sha256, MOST_OF_FILE) if other.video_id != of.video_id]
    authors = [other.author_id for other in others]
    hidden = await sight.hidden_among(conn, of.author_id, authors)
    followed = await follows.followed_among(conn, of.author_id, authors)
    return [other for other in others if other.author_id not in hidden], followed


async def _taken(conn: Rows, source_id: UUID, numbers: Mapping[int, int]) -> list[Shared]:
    """Where the files of these generations of a video lie, for another one that has them below other numbers."""
    taken = [one for one in await shared.of(conn, source_id) if one.generation in numbers]
    whole = {one.generation for one in taken if one.names is None}
    taken += [Shared(generation, source_id, generation, None) for generation in numbers if generation not in whole]
    return [msgspec.structs.replace(one, generation=numbers[one.generation]) for one in taken]


async def candidates(conn: Rows, video_id: UUID, digests: dict[str, str]) -> list[str]:
    """The keys to look for in the store before a merge: of each file the one elsewhere, else its own.

    There are as many, whether or not there are videos of the same bytes: how long it takes tells nobody.
    """
    places = await _places(conn, video_id, await shared.of_file(conn, await _sha256(conn, video_id), MOST_OF_FILE))
    found = []
    for path, digest in digests.items():
        generation, _, name = path.partition("/")
        found.append(key_of(*places.get((name, digest), (video_id, int(generation))), name))
    return found


async def merge(
    conn: Rows, video_id: UUID, digests: dict[str, str], seconds: float, missing: Container[str] = frozenset()
) -> int:
    """Let files that another video of the same bytes has as well be stored once, whosever it is; how many were.

    The caller holds the video's row, and has made it ready. Its own copies are removed when whoever reads them has had time.

    Args:
        conn: of the transaction.
        video_id: whose job ends.
        digests: SHA-256 of each file it has made, by the path.
        seconds: how long its own copies stay.
        missing: those of the candidates that the store does not have: a row is no proof of an object.
    """
    await shared.keep_digests(conn, video_id, digests)
    # Of two jobs that end at the same time the second one waits here, and sees the first.
    of_file = await shared.of_file(conn, await _sha256(conn, video_id), MOST_OF_FILE, lock=True)
    places = await _places(conn, video_id, of_file)
    there = {(name, digest): place for (name, digest), place in places.items() if key_of(*place, name) not in missing}
    return await _move(conn, video_id, digests, there, seconds)


async def _sha256(conn: Rows, video_id: UUID) -> bytes:
    return await shared.sha256(conn, video_id) or b""  # of a video that is gone there is nothing to share


async def _places(conn: Rows, video_id: UUID, of_file: Sequence[OfFile]) -> Places:
    """Where the oldest of the other videos that are ready have each file."""
    places: Places = {}
    for other, made in (await shared.same(conn, [one.video_id for one in of_file if one.video_id != video_id])).items():
        theirs = await shared.of(conn, other)
        for path, digest in made.items():
            generation, _, name = path.partition("/")
            places.setdefault((name, digest), stored_below(other, int(generation), name, theirs))
    return places


async def _move(conn: Rows, video_id: UUID, digests: dict[str, str], elsewhere: Places, seconds: float) -> int:
    mine, used = await shared.of(conn, video_id), (await shared.used(conn, [video_id])).get(video_id, set())
    moved: defaultdict[tuple[int, UUID, int], set[str]] = defaultdict(set)
    for path, digest in digests.items():
        start, _, name = path.partition("/")
        generation, place = int(start), elsewhere.get((name, digest))
        # What others use stays where they look for it.
        if place is None or place[0] == video_id or generation in used:
            continue
        if stored_below(video_id, generation, name, mine) == (video_id, generation):
            moved[generation, *place].add(name)
            await queries.remove_objects(conn, video_id, "media", key_of(video_id, generation, name), seconds=seconds)
    await shared.use(conn, video_id, [Shared(*where, frozenset(names)) for where, names in moved.items()])
    return sum(len(names) for names in moved.values())


async def retire(conn: Rows, video_id: UUID, but: set[int], seconds: float) -> None:
    """Of what it has of others the video shows only these generations from now on.

    What it used for the others can be had for so many seconds yet, for somebody may hold its URL; `removals` releases it then.
    """
    await shared.retire(conn, video_id, but, max(UNUSED_SECONDS, seconds))


async def release(conn: Rows, video_id: UUID, *, only_over: bool = False) -> None:
    """The video needs nothing of others any more; `only_over`: but for what it shows or somebody may ask for.

    What nobody needs is removed then. The caller holds the lock of the author's row.
    """
    for media_id, generation in sorted(await shared.release(conn, video_id, only_over=only_over)):
        # Whether somebody else uses it, or its own video is still there, the removal finds out when it begins.
        prefix = key_of(media_id, generation, "")
        await queries.remove_objects(conn, media_id, "media", prefix, seconds=UNUSED_SECONDS, orphaned=True)

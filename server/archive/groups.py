"""Groups: videos that share files go to the archive together, and come back together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from server.archive import queries
from server.archive.queries import Candidate
from server.videos import shared, tiers
from server.videos.shared import key_of
from storage.postgres import Rows

MOST_LINKED = 60
"""Videos that share files with each other: larger groups stay at hand. Of the same bytes no more than 50 are looked at."""


@dataclass(frozen=True, slots=True)
class Object:
    """A file that goes: where it lies, what it is, and the first video that shows it, by which path."""

    key: str
    sha256: str
    video_id: UUID
    path: str


@dataclass(frozen=True, slots=True)
class Group:
    """Videos, by id, none of which shares anything with others, and all their files that go."""

    members: list[Candidate]
    objects: list[Object] = field(default_factory=list)

    @property
    def ids(self) -> list[UUID]:
        """Of the videos."""
        return [member.id for member in self.members]

    @property
    def warm_paths(self) -> dict[UUID, str]:
        """What stays of each."""
        return {member.id: member.warm_path for member in self.members}


async def linked(conn: Rows, video_ids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """For each of these videos all that share files with it, by whatever way, itself included; they may be gone.

    Those with more than MOST_LINKED are left out.
    """
    asked = list(video_ids)
    links: defaultdict[UUID, set[UUID]] = defaultdict(set)
    known, new = set(asked), set(asked)
    for _ in range(MOST_LINKED):
        pairs = await queries.linked(conn, new)
        for one, other in pairs:
            links[one].add(other)
            links[other].add(one)
        new = {other for _, other in pairs} - known
        known |= new
        if not new:
            break
    found = {video_id: _component(links, video_id) for video_id in asked}
    return {video_id: group for video_id, group in found.items() if len(group) <= MOST_LINKED}


def _component(links: Mapping[UUID, set[UUID]], of: UUID) -> set[UUID]:
    found, new = {of}, {of}
    while new and len(found) <= MOST_LINKED:
        new = set().union(*(links.get(one, set()) for one in new)) - found
        found |= new
    return found


async def group_of(conn: Rows, members: Sequence[Candidate], *, alone: bool) -> Group:
    """The group with its files. What one of them goes on showing does not go, whoever else shows it.

    Args:
        conn: of a transaction or none.
        members: all that are there.
        alone: it shares nothing with anybody.
    """
    found: dict[str, Object] = {}
    stays: set[str] = set()
    for member in members:
        shares = [] if alone else await shared.of(conn, member.id)
        for path, sha256 in member.digests.items():
            generation, _, name = path.partition("/")
            key = key_of(member.id, int(generation), name, shares)
            if tiers.is_cold(path, member.warm_path):
                found.setdefault(key, Object(key, sha256, member.id, path))
            else:
                stays.add(key)
    return Group(list(members), [one for key, one in sorted(found.items()) if key not in stays])


async def groups(conn: Rows, candidates: Sequence[Candidate], age_days: int) -> list[Group]:
    """Those of these candidates whose whole group may go, in groups that have something to go."""
    by_id = {one.id: one for one in candidates}
    found, seen = list[Group](), set[UUID]()
    for video_id, group in (await linked(conn, by_id)).items():
        if video_id in seen:
            continue
        seen |= group
        members = [by_id[video_id]]
        if len(group) > 1:
            members = await queries.among(conn, group, age_days)
            if {one.id for one in members} != set(await queries.there(conn, group)):
                continue
        whole = await group_of(conn, members, alone=len(group) == 1)
        if whole.objects:
            found.append(whole)
    return found

"""Every envelope that can be made is read back whole: a fact that a union lacks would be sent, and thrown away without a word."""

import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import get_args, get_type_hints
from uuid import UUID, uuid4

import msgspec
import pytest

import server
from pubsub.broker import Message
from server.comments.wire import CommentDeleted, Commented, CommentRow
from server.follows.wire import Followed
from server.kit import invalidation
from server.kit.invalidation import Heard, Invalidated
from server.likes.wire import Liked, Unliked
from server.live import announce, envelopes
from server.live.envelopes import Envelope, Noticed, ToFollowers, ToWatchers, WatchersChanged
from server.videos.wire import JobQueued, VideoEdited, VideoProgressed, VideoPublished, VideoPublishing, VideoWithdrawn

ANN, BEN, VIDEO = uuid4(), uuid4(), uuid4()
EVENTS: list[msgspec.Struct] = [
    Commented(CommentRow(VIDEO, uuid4(), ANN, "Hello", datetime.now(UTC)), BEN),
    CommentDeleted(VIDEO, uuid4(), ANN),
    Followed(ANN, BEN),
    Liked(VIDEO, BEN, ANN),
    Unliked(VIDEO, ANN),
    Invalidated(ANN, uuid4(), "follow", BEN),
    Heard(ANN, uuid4(), BEN),
    JobQueued(VIDEO),
    VideoEdited(VIDEO, BEN, ["title"]),
    VideoProgressed(VIDEO, BEN, "processing", 0.5),
    VideoPublished(VIDEO, BEN),
    VideoPublishing(BEN),
    VideoWithdrawn(VIDEO, BEN),
]
"""One of each kind that a room announces."""
OTHERS = [
    envelopes.published("log", 1, BEN, VIDEO, b"{}"),
    envelopes.published("log", 2, BEN, VIDEO, None),
    envelopes.pulse("log", 2),
    envelopes.one_too_many(ANN, uuid4()),
    envelopes.to_watchers(VIDEO, WatchersChanged("node")),
    envelopes.touched([VIDEO], [VIDEO, BEN], [ANN, BEN]),
]
"""What processes tell one another beside."""


def announced(event: msgspec.Struct) -> list[Message]:
    """Its messages, without those that only wake somebody and say nothing."""
    return [message for message in announce._messages(event) if message[1]]


def kinds_of_events() -> Iterator[type[msgspec.Struct]]:
    """Whatever has a tag in the shapes of a room; those of the socket itself are no events."""
    rooms = [found.name for found in pkgutil.walk_packages(server.__path__, "server.") if found.name.endswith(".wire")]
    for module in [*(import_module(name) for name in rooms if name != "server.live.wire"), invalidation]:
        for shape in vars(module).values():
            if isinstance(shape, type) and issubclass(shape, msgspec.Struct) and shape.__struct_config__.tag is not None:
                yield shape


def test_there_is_one_of_each_event_here() -> None:
    assert {type(event) for event in EVENTS} == set(kinds_of_events())


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_is_announced_and_read_back_as_it_was(event: msgspec.Struct) -> None:
    assert announce._messages(event)
    for _, payload in announced(event):
        match envelopes.read(payload):
            case ToWatchers(fact=fact) | ToFollowers(fact=fact) | Noticed(fact=fact):
                assert fact == event
            case envelopes.ToAccount(account_id):
                assert account_id == BEN
            case read:
                assert read == event


def test_every_kind_of_envelope_and_of_fact_is_read_back() -> None:
    messages = [*OTHERS, *(message for event in EVENTS for message in announced(event))]
    read = [envelopes.read(payload) for _, payload in messages]
    assert {type(envelope) for envelope in read} == set(get_args(Envelope))
    for kind in (ToWatchers, ToFollowers, Noticed):
        facts = {type(envelope.fact) for envelope in read if isinstance(envelope, kind)}
        assert facts == set(get_args(get_type_hints(kind)["fact"]))


def test_what_another_version_sends_is_nothing() -> None:
    assert envelopes.read(msgspec.msgpack.encode({"type": "sung", "by": str(UUID(int=1))})) is None

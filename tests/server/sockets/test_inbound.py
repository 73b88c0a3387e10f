"""Bytes become the same messages wherever they are cut, and nothing is held between two of them."""

from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from server.sockets.codes import Close
from server.sockets.inbound import Binary, Event, Inbound, Over, Pinged, Text

LIMIT = 64
TEXTS = st.text(max_size=20)
PAYLOADS = st.binary(max_size=40)


def masked(opcode: Opcode, data: bytes = b"", *, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=True)


@st.composite
def fragmented(draw: st.DrawFn, opcode: Opcode, data: bytes) -> tuple[bytes, list[Event]]:
    """A message in fragments, perhaps with pings between them."""
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=4)))
    parts = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    said, events = b"", []
    for nth, part in enumerate(parts):
        said += masked(Opcode.CONT if nth else opcode, part, fin=nth == len(parts) - 1)
        if nth < len(parts) - 1 and draw(st.booleans()):
            said += masked(Opcode.PING, b"%d" % nth)
            events.append(Pinged(b"%d" % nth))
    return said, [*events, Text(data.decode()) if opcode is Opcode.TEXT else Binary(data)]


@st.composite
def one(draw: st.DrawFn) -> tuple[bytes, list[Event]]:
    match draw(st.integers(0, 3)):
        case 0:
            text = draw(TEXTS.filter(lambda text: len(text.encode()) <= LIMIT))
            return draw(fragmented(Opcode.TEXT, text.encode()))
        case 1:
            return draw(fragmented(Opcode.BINARY, draw(PAYLOADS)))
        case 2:
            payload = draw(PAYLOADS)
            return masked(Opcode.PING, payload), [Pinged(payload)]
        case _:
            return masked(Opcode.PONG, draw(PAYLOADS)), []


def over() -> st.SearchStrategy[tuple[bytes, list[Event]]]:
    """What ends a stream, if anything does."""
    return st.sampled_from(
        [
            (b"", []),
            (masked(Opcode.CLOSE), [Over(Close(0))]),
            (masked(Opcode.CLOSE, b"\x0f\xa1bye"), [Over(Close(4001))]),
            (masked(Opcode.TEXT, b"\xff"), [Over(Close(1007, "not UTF-8"))]),
        ]
    )


@given(st.lists(one(), max_size=6), over(), st.data())
def test_the_same_bytes_are_the_same_messages_however_they_come(
    said: list[tuple[bytes, list[Event]]], end: tuple[bytes, list[Event]], data: st.DataObject
) -> None:
    whole = b"".join(part for part, _ in [*said, end])
    wanted = [event for _, events in [*said, end] for event in events]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    inbound = Inbound(LIMIT)
    found: list[Event] = []
    for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        if a < b and not (found and isinstance(found[-1], Over)):
            found += inbound.feed(whole[a:b])
    assert found == wanted


@given(st.lists(one(), min_size=1, max_size=4), st.data())
def test_between_messages_there_is_nothing_to_keep_and_within_them_there_is(
    said: list[tuple[bytes, list[Event]]], data: st.DataObject
) -> None:
    inbound = Inbound(LIMIT)
    for part, _ in said:
        cut = data.draw(st.integers(1, len(part) - 1))
        inbound.feed(part[:cut])
        assert inbound.midway
        inbound.feed(part[cut:])
        assert not inbound.midway


def test_what_is_too_large_ends_it_before_its_bytes_have_come() -> None:
    (end,) = Inbound(LIMIT).feed(masked(Opcode.BINARY, bytes(LIMIT + 1))[:8])
    assert isinstance(end, Over)
    assert end.why.code == 1009


def test_endless_empty_fragments_take_no_memory() -> None:
    inbound = Inbound(LIMIT)
    inbound.feed(masked(Opcode.TEXT, b"a", fin=False) + masked(Opcode.CONT, fin=False) * 1000)
    assert inbound._parts == bytearray(b"a")
    assert inbound.feed(masked(Opcode.CONT)) == [Text("a")]

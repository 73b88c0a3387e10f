"""Posting videos over bad lines, from odd files, for some eyes only."""

import asyncio
import re
import secrets
from pathlib import Path

from playwright.async_api import Request, expect

from tests.browser.conftest import NewClip, NewPerson
from tests.browser.files import filled
from tests.browser.network import Network, network
from tests.browser.person import PLAYS, Person
from tests.browser.screen import playing

CUT = ("ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_CHANGED", "409")
"""A cut line; and an offset that moved while the server was still putting away what the cut request had brought."""
SENDING = re.compile(r"[1-9]\.?\d* of \d\.?\d* MB")
ARRIVED_SECONDS = 60.0
RETRIED_SECONDS = 1.2
"""Longer than the first pause before a refused request is tried again."""
SLOW, MEBIBYTES = 3_000_000, 8
"""Bits a second, and the upload: what is seen of it stays on the screen for many seconds. Cutting the line ends it."""


async def test_an_upload_goes_on_by_itself_after_a_reload(person: NewPerson, new_clip: NewClip) -> None:
    ben = await person("ben", expected=CUT)
    await ben.sign_up()
    line, sent = await network(ben), patches(ben)
    clip = filled(await new_clip(), MEBIBYTES)
    await ben.page.goto("/post")
    await line.slow(up=SLOW)
    await ben.post(clip, "A long way")
    await expect(ben.card("A long way")).to_contain_text(SENDING, timeout=PLAYS)
    await line.cut()
    await arrived(ben, sent[0])
    before = len(sent)

    await line.free()
    await ben.page.reload()

    await expect(ben.card("A long way")).to_contain_text("It plays", timeout=PLAYS)
    offsets = [int(request.headers["upload-offset"]) for request in sent[before:]]
    assert offsets, "it went on"
    assert min(offsets) > 0, "and not from the beginning"
    assert {request.url for request in sent} == {sent[0].url}, "as the same upload"


async def test_an_upload_outlives_a_pause_and_a_cut_line(person: NewPerson, new_clip: NewClip) -> None:
    ben = await person("ben", expected=CUT)
    await ben.sign_up()
    line = await network(ben)
    await line.slow(up=SLOW)
    await ben.post(filled(await new_clip(), MEBIBYTES), "Cut in the middle")
    await expect(ben.card("Cut in the middle")).to_contain_text(SENDING, timeout=PLAYS)

    await ben.card("Cut in the middle").get_by_role("button", name="Pause").click()
    await expect(ben.card("Cut in the middle")).to_contain_text("Paused at")
    await ben.page.reload()
    await expect(ben.card("Cut in the middle")).to_contain_text("Paused at")
    await ben.card("Cut in the middle").get_by_role("button", name="Resume").click()
    await expect(ben.card("Cut in the middle")).to_contain_text(SENDING, timeout=PLAYS)

    await line.cut()
    await expect(ben.card("Cut in the middle")).to_contain_text("You are offline", timeout=PLAYS)
    await line.free()

    await expect(ben.card("Cut in the middle")).to_contain_text("It plays", timeout=PLAYS)


async def test_another_tab_shows_an_upload_pauses_it_and_ends_it(person: NewPerson, new_clip: NewClip) -> None:
    ben = await person("ben", expected=CUT)
    await ben.sign_up()
    begun: list[str] = []
    ben.context.on("request", lambda one: begun.append(one.url) if is_beginning(one) else None)
    await (await network(ben)).slow(up=SLOW)
    await ben.post(filled(await new_clip(), MEBIBYTES), "Two tabs")
    other = await ben.context.new_page()
    await (await Network.of(other)).slow(up=SLOW)
    await other.goto(f"/@{ben.username}")
    there = other.get_by_role("list", name="Being posted").get_by_role("listitem").filter(has_text="Two tabs")
    await expect(there).to_contain_text(SENDING)

    await there.get_by_role("button", name="Pause").click()
    await expect(ben.card("Two tabs")).to_contain_text("Paused at")
    await ben.card("Two tabs").get_by_role("button", name="Resume").click()
    for card in (ben.card("Two tabs"), there):
        await expect(card.get_by_role("button", name="Pause")).to_be_visible()

    await there.get_by_role("button", name="Cancel posting Two tabs").click()
    for card in (ben.card("Two tabs"), there):
        await expect(card).to_have_count(0)
    await asyncio.sleep(RETRIED_SECONDS)
    assert len(begun) == 1, "it is not begun anew"


async def test_what_the_server_would_refuse_is_told_before_a_byte_is_sent(person: NewPerson, tmp_path: Path) -> None:
    ben = await person("ben")
    await ben.sign_up()
    notes = tmp_path / "notes.txt"
    notes.write_text("not a video")
    await ben.page.goto("/post")
    await expect(ben.page.get_by_text("Up to 500 MB and 3:00 min")).to_be_visible()
    await ben.page.locator("input[type=file]:enabled").set_input_files(notes)
    await expect(ben.page.get_by_role("alert")).to_contain_text("Pick a video file")


async def test_a_text_called_mp4_is_told_to_its_author(person: NewPerson, tmp_path: Path) -> None:
    ben = await person("ben")
    await ben.sign_up()
    fake = tmp_path / "fake.mp4"
    for title in ("Just words", "Other words"):
        fake.write_text(f"not a video {secrets.token_hex()}")
        await ben.post(fake, title)
        await expect(ben.card(title)).to_contain_text("not a video, or it is damaged", timeout=PLAYS)
    # The focus goes to what is left, and never to the beginning of the page.
    cards, page = ben.page.get_by_role("list", name="Being posted"), ben.page.locator("main")
    for title, left in (("Other words", cards), ("Just words", page)):
        await ben.card(title).get_by_role("button", name="Dismiss").click()
        await expect(ben.card(title)).to_have_count(0)
        await expect(left).to_be_focused()


async def test_a_second_time_the_same_file_is_the_same_video(person: NewPerson, new_clip: NewClip) -> None:
    ben = await person("ben")
    await ben.sign_up()
    clip = await new_clip()
    await ben.posted(clip, "The only one")
    await ben.page.reload()
    await ben.post(clip, "The only one again")
    await expect(ben.card("The only one again")).to_contain_text("posted this video before")


async def test_followers_see_what_is_for_followers_and_nobody_else_does(person: NewPerson, new_clip: NewClip) -> None:
    ann, ben, eve = await person("ann"), await person("ben"), await person("eve", expected=("404",))
    for one in (ann, ben, eve):
        await one.sign_up()
    await ann.follow(ben)
    await ann.go_home()
    await ben.post(await new_clip(), "Among friends", visibility="Followers")
    shown = await playing(ann.page, "Among friends", timeout=PLAYS)
    assert shown["colours"] > 10
    source: str = await ann.page.locator(".reel-item video").get_attribute("src") or ""
    await ben.card("Among friends").get_by_role("link", name="Watch").click()
    await ben.page.wait_for_url("**/videos/*")
    link = re.sub(r"^.*(?=/videos/)", "", ben.page.url)
    assert "signature=" in source
    await eve.page.goto(link)
    await expect(eve.page.get_by_role("heading", name="This video is gone")).to_be_visible()


def is_beginning(request: Request) -> bool:
    return request.method == "POST" and request.url.endswith("/uploads")


def patches(one: Person) -> list[Request]:
    """Every request from now on that brings bytes of an upload."""
    seen: list[Request] = []
    one.page.on("request", lambda request: seen.append(request) if request.method == "PATCH" else None)
    return seen


async def arrived(one: Person, sent: Request) -> None:
    """Wait until the server has put away what came before the line was cut."""
    token = (await sent.all_headers())["authorization"]
    async with asyncio.timeout(ARRIVED_SECONDS):
        while True:
            answer = await one.context.request.head(sent.url, headers={"Authorization": token, "Tus-Resumable": "1.0.0"})
            if int(answer.headers["upload-offset"]) > 0:
                return
            await asyncio.sleep(0.05)

"""One's own picture, as one chooses it and as others see it."""

from pathlib import Path

import numpy as np
from PIL import Image
from playwright.async_api import Locator, expect

from tests.browser.conftest import NewPerson
from tests.media import stills


def _photo(path: Path) -> Path:
    """As large as phones make them: noise hardly gets smaller."""
    noise = np.random.default_rng(1).integers(0, 255, (1500, 2000, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path, quality=95)
    assert path.stat().st_size > 2_000_000
    return path


async def _width(face: Locator) -> int:
    """In pixels of the file that is shown."""
    await expect(face).to_be_visible()
    found: int = await face.evaluate("async img => { await img.decode(); return img.naturalWidth; }")
    return found


async def test_a_picture_is_chosen_seen_by_others_and_taken_away_by_keyboard(person: NewPerson, tmp_path: Path) -> None:
    ann, ben = await person("ann"), await person("ben", desktop=True, scheme="light", expected=("422",))
    for one in (ann, ben):
        await one.sign_up()
    profile = f"/@{ann.username}"
    await ann.page.goto(profile)
    await ann.page.get_by_role("button", name="Add your picture").press("Enter")
    sheet = ann.page.get_by_role("dialog", name="Your picture")
    await expect(sheet.get_by_role("button", name="Remove picture")).to_have_count(0)
    await sheet.get_by_label("Choose a picture").set_input_files(_photo(tmp_path / "photo.jpg"))
    await expect(ann.page.get_by_text("Picture updated")).to_be_visible()
    await expect(sheet).to_have_count(0)
    assert await _width(ann.page.locator(".profile-head img.avatar")) == 320

    await ben.page.goto(profile)
    assert await _width(ben.page.locator(".profile-head img.avatar")) == 320
    await ben.page.goto(f"/@{ben.username}")
    await ben.page.get_by_role("button", name="Add your picture").click()
    sheet = ben.page.get_by_role("dialog", name="Your picture")
    (tmp_path / "words.png").write_text("no picture")
    await sheet.get_by_label("Choose a picture").set_input_files(tmp_path / "words.png")
    await expect(sheet.get_by_role("alert")).to_contain_text("Choose a still picture")
    await sheet.get_by_label("Choose a picture").set_input_files(stills.saved(tmp_path / "small.png"))
    await expect(sheet).to_have_count(0)
    assert await _width(ben.page.locator(".profile-head img.avatar")) == 120

    change = ann.page.get_by_role("button", name="Change your picture")
    await change.press("Enter")
    await ann.page.get_by_role("button", name="Remove picture").press("Enter")
    await expect(ann.page.get_by_role("button", name="Add your picture")).to_be_focused()
    await expect(ann.page.locator(".profile-head img.avatar")).to_have_count(0)
    await ben.page.goto(profile)
    await expect(ben.page.locator(".profile-head span.avatar")).to_be_visible()

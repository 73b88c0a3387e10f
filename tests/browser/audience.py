"""Somebody who looks at the feed of an author."""

from tests.browser.conftest import NewClip, NewPerson
from tests.browser.person import Person
from tests.browser.screen import playing


async def looking(person: NewPerson, author: Person, newest: str) -> Person:
    """Somebody new who follows the author, and looks at the feed."""
    ann = await person("ann")
    await ann.sign_up()
    await ann.follow(author)
    await ann.go_home()
    await playing(ann.page, newest)
    return ann


async def audience(person: NewPerson, new_clip: NewClip, title: str, expected: tuple[str, ...] = ()) -> tuple[Person, Person]:
    """Somebody who looks at the feed, and an author of their own, with one video."""
    author = await person("ben", expected=expected)
    await author.sign_up()
    await author.posted(await new_clip(), title)
    return await looking(person, author, title), author

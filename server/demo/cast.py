"""Who and what the demo brings: people, the clips they post, and what they say to each other."""

from typing import Final, NamedTuple

PASSWORD: Final = "reelwire-demo"  # noqa: S105 - everybody may know it; production refuses the demo
WIDTH, HEIGHT = 720, 1280


class Member(NamedTuple):
    """An account to be; the seed is the picture that it shows of itself."""

    username: str
    first_name: str
    last_name: str
    bio: str
    seed: int

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class Clip(NamedTuple):
    """A clip to be rendered and posted; the seed is its picture and its sound."""

    seed: int
    author: str
    seconds: float
    title: str


VIEWER: Final = Member("demo", "Demo", "Viewer", "I follow everybody here. Watch over my shoulder.", 31)

MEMBERS: Final = (
    Member("maya", "Maya", "Lindqvist", "Skies, mostly at the wrong hour. Oslo.", 29),
    Member("tomas", "Tomás", "Herrera", "Night buses and neon. I walk home slowly.", 14),
    Member("aiko", "Aiko", "Tanaka", "Paper, ink, water. One loop a day.", 30),
    Member("femi", "Femi", "Adeyemi", "Looking up. Astronomy for people who forget to.", 8),
    Member("ines", "Inês", "Carvalho", "Underwater when I can, daydreaming of it when not.", 19),
    Member("rajan", "Rajan", "Mehta", "Garden on a balcony, camera on a tripod.", 38),
    Member("clara", "Clara", "Novak", "Light designer. Everything is a lamp.", 41),
    Member("oscar", "Oscar", "Dubois", "Sound first, then something to look at.", 46),
)

CLIPS: Final = (
    Clip(0, "maya", 6.0, "The sun took its time today #sunset #slow"),
    Clip(28, "clara", 4.0, "Out of focus on purpose #bokeh #light"),
    Clip(53, "tomas", 5.0, "Last bus home, every window a story #city #night"),
    Clip(24, "rajan", 4.0, "Two drops, one pond #water #slow"),
    Clip(3, "femi", 7.0, "It finally showed up above the hills #aurora #sky"),
    Clip(7, "oscar", 4.0, "Lava lamp, headphones on #slow #sound"),
    Clip(6, "ines", 7.0, "Ten metres down, looking up #sea #light"),
    Clip(43, "aiko", 5.0, "Waves, cut from paper #paper #loop"),
    Clip(21, "femi", 6.0, "A galaxy takes its turn #space #loop"),
    Clip(35, "maya", 5.0, "Noon in the dunes, not a footprint #dunes #walk"),
    Clip(36, "clara", 5.0, "Drawing with ribbons of light #light #loop"),
    Clip(5, "tomas", 6.0, "Lantern night. Make a wish. #lanterns #night"),
)

COMMENTS: Final = (
    "I could watch this for an hour.",
    "Where was this?",
    "The sound! Headphones on, everybody.",
    "This made my morning.",
    "How did you do the loop? I cannot find the seam.",
    "Sending this to my sister.",
    "More of this, please.",
    "Those colours 🔥",
    "I came for the picture and stayed for the sound.",
    "So calm. Thank you.",
    "Third time watching.",
    "You have such an eye for light.",
)

"""A whole stream checked: the master playlist, everything it leads to, and all of it together."""

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from media.lint import boundaries, continuity, decoding, master, rates, segments, variants
from media.lint.finding import Finding, Findings
from media.lint.folder import Folder
from media.lint.master import Master, Sound, Variant
from media.lint.playlist import Playlist
from media.lint.reading import Reader
from media.lint.track import Loader, Track


def check_folder(folder: Path, text: str, name: str = "master.m3u8") -> list[Finding]:
    """Check a stream that lies in a folder, but for its master playlist: that is `text`.

    Raises:
        OSError: the folder cannot be read.
    """
    return check(name, Folder(folder, {name: text}))


def check(uri: str, reader: Reader) -> list[Finding]:
    """Check the stream whose master playlist is at `uri`.

    Raises:
        AbsentError: there is no such playlist; what is missing further on is a finding.
    """
    return _Check(uri, reader).run(reader.playlist(uri))


class _Check:
    """One check: what was read stays, because variants share their sound."""

    def __init__(self, uri: str, reader: Reader) -> None:
        self._uri = uri
        self._findings = Findings()
        self._loader = Loader(reader, self._findings, self._place)
        self._playlists: dict[str, Playlist | None] = {}
        self._tracks: dict[str, Track | None] = {}

    def run(self, text: str) -> list[Finding]:
        found = master.read(text, self._place(self._uri), self._findings)
        variants.check(found, self._findings)
        sounds = self._sounds(found)
        pictures = [track for variant in found.variants if (track := self._variant(found, variant, sounds))]
        iframes = [track for variant in found.iframes if (track := self._iframes(found, variant))]
        self._together(found, pictures, [track for _, track in sounds], iframes)
        return self._findings.all()

    def _place(self, uri: str) -> str:
        """An address for people: relative to the master playlist, without its query."""
        path, base = unquote(urlsplit(uri).path), unquote(urlsplit(self._uri).path)
        return path.removeprefix(base[: base.rfind("/") + 1])

    def _playlist(self, uri: str, iframes: bool) -> Playlist | None:
        if uri not in self._playlists:
            self._playlists[uri] = found = self._loader.playlist(uri)
            if found:
                segments.check(found, iframes, self._findings)
        return self._playlists[uri]

    def _track(self, uri: str, iframes: bool = False) -> Track | None:
        """A track with at least one segment, read and checked once."""
        uri = urljoin(self._uri, uri)
        if uri not in self._tracks:
            playlist = self._playlist(uri, iframes)
            track = playlist and self._loader.track(playlist)
            self._tracks[uri] = track if track and track.segments else None
            if track:
                decoding.check_track(track, self._findings)
                (continuity.check_iframes if iframes else continuity.check)(track, self._findings)
        return self._tracks[uri]

    def _sounds(self, found: Master) -> list[tuple[Sound, Track]]:
        tracks = [(sound, track) for sound in found.sounds if sound.uri and (track := self._track(sound.uri))]
        decoding.check_sounds(found, tracks, self._findings)
        return tracks

    def _variant(self, found: Master, variant: Variant, sounds: list[tuple[Sound, Track]]) -> Track | None:
        track = self._track(variant.uri)
        if track is None:
            return None
        decoding.check_rate(found, variant, track, self._findings)
        group = [sound for rendition, sound in sounds if rendition.group == variant.audio]
        named = [rendition for rendition in found.sounds if rendition.group == variant.audio and rendition.uri]
        if len(group) < len(named):
            return track  # what is missing has been said; without it, nothing is known of codecs and rates
        decoding.check_variant(found, variant, track, group, self._findings)
        if all(one.whole for one in [track, *group]):
            measured = rates.together(rates.measured(track), [rates.measured(one) for one in group])
            rates.check(found, variant, measured, self._findings)
        return track

    def _iframes(self, found: Master, variant: Variant) -> Track | None:
        track = self._track(variant.uri, iframes=True)
        if track:
            decoding.check_variant(found, variant, track, [], self._findings)
            if track.whole:
                rates.check_iframes(found, variant, rates.iframe_rates(track), self._findings)
        return track

    def _together(self, found: Master, pictures: list[Track], sounds: list[Track], iframes: list[Track]) -> None:
        boundaries.check_targets([track.playlist for track in [*pictures, *sounds]], self._findings)
        boundaries.check(_whole(pictures), _whole(sounds), _whole(iframes), self._findings)
        if not found.independent:
            for track in pictures:
                if not track.playlist.independent:
                    self._findings.error("9.12", track.place, "EXT-X-INDEPENDENT-SEGMENTS is neither here nor in the master")


def _whole(tracks: Iterable[Track]) -> list[Track]:
    return [track for track in tracks if track.whole]

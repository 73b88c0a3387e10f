"""Clients that others wrote work unchanged."""

import asyncio
import os
from pathlib import Path
from typing import Any

from tusclient import client as tuspy

from tests.people import Person
from tests.resumable import PATH, original


async def test_tuspy_uploads_with_checksums_and_resumes(ann: Person, tmp_path: Path) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(os.urandom(700_000))
    url = f"http://{ann.client.host}:{ann.client.port}{PATH}"
    client = tuspy.TusClient(url, headers={"Authorization": f"Bearer {ann.access}"})

    def upload() -> str:
        said = {"filename": "clip.mp4", "title": "by tuspy"}
        with file.open("rb") as opened:
            first = client.uploader(file_stream=opened, chunk_size=200_000, metadata=said, upload_checksum=True)
            first.upload_chunk()  # type: ignore[no-untyped-call]
            again = client.uploader(file_stream=opened, chunk_size=200_000, url=first.url, upload_checksum=True)
            assert again.offset == 200_000
            again.upload()
        answer: Any = again.request
        return str(answer.response_headers["video-id"])

    video_id = await asyncio.to_thread(upload)
    assert await original(ann.client, video_id) == file.read_bytes()
    assert (await ann.get(f"/videos/{video_id}")).body["title"] == "by tuspy"

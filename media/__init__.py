"""The bytes of video: what an upload is, what it becomes, and the child processes in which that happens.

Knows nothing of users, HTTP, databases or object stores. A job uses it so (see `pool.py`, `steps.py`, `manifest.py`):

    from media import limits, playlist, steps
    from media.errors import MediaError
    from media.pool import Pool
    from media.probe import probe
    from media.task import Task

    async with Pool(processes=2) as pool:  # one for the life of the worker
        # `input` is named by us, without the user's extension, in a folder of its own; `folder` is empty and removed by us
        facts = await pool.run(probe, Task(input=path), limits=limits.PROBE)
        request = steps.Request(input=path, folder=folder, probe=facts)  # threads=2 where the machine is idle
        first = await pool.run(
            steps.first_source, request, limits=steps.first_limits(facts), on_progress=lambda stage, fraction: ...
        )
        ...  # store first.files (name, content_type, bytes, sha256) from `folder`; publish
        request = msgspec.structs.replace(request, first=first)
        rest = await pool.run(steps.ladder_rest, request, limits=steps.rest_limits(facts), on_progress=...)
        ...  # store rest.files
    text = playlist.master(rest.renditions, rest.audio)  # rendered from stored rows per request
    signed = playlist.with_query(text, "expires=…&signature=…")

Every failure is a `MediaError` with the contract's `code`, a `detail` for people, and `retry`.
"""

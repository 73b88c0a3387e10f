"""`reelwire lint-hls`: fetches a stream like a player, and has it checked (`media/lint/`)."""

"""Long runs under faults: what was done and heard is written down, and the promises of the socket are proven from it."""

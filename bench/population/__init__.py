"""A made-up town for benchmarks and tests: accounts, follows, videos and what is said of them, put in by COPY."""

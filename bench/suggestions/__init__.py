"""What suggestions cost as a service grows: made-up watching, as files or as rows, and the nightly training on it."""

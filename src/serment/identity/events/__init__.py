"""What happened to each account, kept for its owner to read."""

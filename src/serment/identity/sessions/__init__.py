"""Sessions: what a signed-in browser holds, and how long it is worth something."""

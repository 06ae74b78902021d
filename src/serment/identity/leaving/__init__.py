"""How an account ends, pauses or falls asleep, and what ends with it."""

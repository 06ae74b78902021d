"""What is known of bad passwords: the words that guessers begin with, and lists of those stolen elsewhere."""

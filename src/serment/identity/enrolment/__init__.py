"""From an invitation given by hand to an account with two factors."""

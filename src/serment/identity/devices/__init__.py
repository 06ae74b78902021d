"""Browsers that are known to an account, because its owner signed in with them."""

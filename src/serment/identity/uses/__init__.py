"""When each account was last used."""

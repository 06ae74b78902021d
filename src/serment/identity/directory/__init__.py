"""Organisations, the accounts of their people, and the installation that holds them."""

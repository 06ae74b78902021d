"""Access keys: how machines of one person reach one face, within limits, until an end."""

"""Teams of an organisation, and who is in them from when to when."""

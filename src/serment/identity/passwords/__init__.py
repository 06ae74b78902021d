"""When a password that is right must be changed all the same, and who may ask for it."""

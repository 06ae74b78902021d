"""The commands, one a module: each has a function `command`, whose parameters are what may be typed."""

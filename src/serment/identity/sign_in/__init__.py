"""Sign-in in two steps that look the same whatever was right, and the throttle before them."""

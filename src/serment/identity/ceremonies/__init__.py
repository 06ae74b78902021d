"""Steps that begin in one request and end in another: short-lived, secret, used once."""

"""What a person proves themselves with: password, one-time codes, passkeys, recovery codes."""

"""What signed-in people do with their own account: factors, recovery codes, password."""

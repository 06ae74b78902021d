"""Sign-in through an OpenID provider, in the form of Pro Santé Connect: linked first, then used (ADR 0014)."""

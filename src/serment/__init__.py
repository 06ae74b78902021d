"""Serment: health data kept, reached, shared and exchanged under a checkable medical secrecy."""

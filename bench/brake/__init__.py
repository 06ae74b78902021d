"""The read brake against a busy week of ordinary work, and against scrapers: `make bench-brake`."""

"""`python -m serment.app`."""

from serment.app import main

if __name__ == "__main__":
    main()

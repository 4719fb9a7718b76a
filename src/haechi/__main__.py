"""`python -m haechi` is the command line."""

from haechi.cli import main

if __name__ == "__main__":
    main()

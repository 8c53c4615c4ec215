"""`python -m crossdock` is `crossdock`."""

from crossdock.cli import main

if __name__ == "__main__":
    main()

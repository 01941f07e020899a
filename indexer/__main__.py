"""`python -m indexer PATH...` is `depeches load PATH...`."""

import sys

from cli import main

main(["load", *sys.argv[1:]])

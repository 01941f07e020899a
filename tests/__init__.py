"""The tests; what a run of several processes sets for its own terminal is not for the commands they try."""

import os

os.environ.pop("COLUMNS", None)

"""What a reader sees in a terminal: the options of a search, its answer, and what is wrong with it."""

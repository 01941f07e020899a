"""Who, where and what about: the data files, what they mean (`model`), how they are checked (`loader`)."""

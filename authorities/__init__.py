"""Who, where and what about: the data files, what they mean (`model`) and how they are read and checked (`loader`)."""

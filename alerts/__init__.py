"""A saved question meets new dispatches: what is saved, what it found, and what must still be delivered."""

"""The history of the tables, one step a file; applied by `engine/migrate.py`."""

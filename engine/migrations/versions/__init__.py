"""Steps, each named by what it brings."""

"""What one item of the input may weigh. Beyond, it is rejected with its reason and the rest goes on."""

from __future__ import annotations

# Characters of one dispatch. The longest wire texts (speeches, budgets) are about 300,000.
LONGEST_DISPATCH = 2_000_000

# Bytes looked at to tell text from binary.
SAMPLE_BYTES = 65_536

# Bytes read at a time when a file is checked from end to end.
BLOCK_BYTES = 1 << 20

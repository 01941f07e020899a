"""What one item of the input may weigh. Beyond, it is rejected with its reason and the rest goes on."""

from __future__ import annotations

# Characters of one dispatch. The longest wire texts (speeches, budgets) are about 300,000.
LONGEST_DISPATCH = 2_000_000

# Bytes looked at to tell text from binary.
SAMPLE_BYTES = 65_536

# Bytes read at a time when a file is checked from end to end.
BLOCK_BYTES = 1 << 20

# Bytes of one item of a file that holds several (a line, an object of an array, a message, a page). 2,000,000 characters
# written as \u00e9 escapes take 12 MB; the rest is room for markup and a photo. A line of 50 MB is no dispatch.
LARGEST_ITEM = 16_000_000

# Characters of a short value: title, author, slug, one subject. The longest titles of the wire have 300.
LONGEST_VALUE = 10_000

# Bytes of an id: Elasticsearch takes 512 for `_id`.
LONGEST_ID = 512

# Values of a list: subjects, credits. ninjs items of the wire have up to 60 subjects.
MOST_VALUES = 1_000

# Levels of objects and lists inside one JSON value; ninjs with its associations has 8.
DEEPEST_JSON = 64

# Elements inside elements of one HTML page, those never closed included. The parser's time grows with the square of it:
# 10,000 take 0.15 s, 200,000 more than a minute; saved pages have 30 to 60.
DEEPEST_HTML = 10_000
# Copies of unclosed <b>, <font>... that HTML makes in every later paragraph: 300 of them before 1,000,000 <p> would be
# 300,000,000 elements. A page of 2,000 paragraphs with 200 unclosed makes 400,000.
MOST_HTML_COPIES = 1_000_000

# Columns of a table. A spreadsheet saved with its empty columns has 16,384; no archive export has 100 named ones.
MOST_COLUMNS = 500

# Header lines of one message; the longest chains of relays write 200.
MOST_HEADER_BYTES = 256_000

# Containers (zip, tar, gz...). A member larger than SPOOL_BYTES goes to a temporary file, one member at a time.
SPOOL_BYTES = 4_000_000
# Text compresses 3 to 10 times, logs and tables up to 50; a bomb 1,000 times and more.
HIGHEST_RATIO = 200
RATIO_FROM_BYTES = 10_000_000
# One member, and all that comes out of one container and those inside it. Ten years of an agency are about 20 GB.
LARGEST_MEMBER = 8_000_000_000
LARGEST_UNPACKED = 64_000_000_000
MOST_MEMBERS = 5_000_000
# A container in a container in a container.
DEEPEST_CONTAINER = 3
# What comes out of one archive attached to a message, which itself weighs LARGEST_ITEM at most.
LARGEST_ATTACHED_UNPACKED = 500_000_000
# Files attached to one message; a weekly digest has 20.
MOST_ATTACHED = 1_000
# Bytes of a member's name and of what tar writes before it (long names, pax records).
LONGEST_MEMBER_NAME = 4_096
LARGEST_TAR_HEADER = 1_000_000

"""What can be measured, by name."""
from .fanout import fanout
from .ingest import ingest

SECTIONS = {
    "fanout": (fanout, "one message to everybody, beside every peer"),
    "ingest": (ingest, "how many bulletins a second are acknowledged as on the disk"),
}

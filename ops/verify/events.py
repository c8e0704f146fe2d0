"""The objects of a stream, each looked at before anything is done with it: what they hold becomes
numbers that are compared and names of files."""
import re

from bulletin import require, strict_json


def is_text(value, pattern=None):
    return isinstance(value, str) and (pattern is None or re.fullmatch(pattern, value) is not None)


def is_number(value):
    return type(value) is int and 0 <= value < 1 << 53  # bool is an int, and is no number


# What each object has to have before anything is done with it.
MEMBERS = {
    "hello": {"system": is_text, "kind": is_text, "head": is_number,
              "epoch": lambda value: is_text(value, "[0-9a-f]{16}"),
              "recovered": lambda value: isinstance(value, bool)},
    "alert": {"seq": lambda value: is_number(value) and value > 0,
              "id": lambda value: is_text(value, "[0-9a-f]{64}")},
    "live": {"seq": is_number},
    "beat": {"head": is_number, "last": is_number},
}


def read_event(line):
    event = strict_json(line)
    require(isinstance(event, dict) and is_text(event.get("type")), "bad_object",
            "A line is no object of a stream.")
    for name, fits in MEMBERS.get(event["type"], {}).items():
        require(fits(event.get(name)), "bad_object", f"The {name} of its {event['type']} is none.")
    return event

"""How much a JSON text holds, told from its bytes: before it is read, and each thing in it costs.

A text that is no JSON gets some number, and no error: whoever reads it finds out.
"""

#: With which lists and objects begin; and with which every value does but the first of a list or an object.
OBJECTS = b"[{"
VALUES = b"[{,"


def has_more(text: bytes | bytearray, most: int, marks: bytes = OBJECTS) -> bool:
    """Whether more than `most` marks stand in a JSON text. What stands in its strings does not count, and is only
    looked at where there may be too many."""
    size = len(text)
    # Each thing takes two bytes. Taking a byte out is several times as quick as counting it, where it is rare.
    if size <= 2 * most or sum(size - len(text.replace(bytes((mark,)), b"")) for mark in marks) <= most:
        return False
    others = bytes(set(range(256)) - set(marks + b'"'))
    bare = text.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, others)
    # Two quotes side by side change nothing about what is between quotes.
    return sum(map(len, bare.replace(b'""', b"").split(b'"')[::2])) > most

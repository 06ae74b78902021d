"""The one Exif tag that a photograph needs to stand upright, read from an Exif block and written into a bare one.

Source: Exif 2.32, 4.6.4 (tag 0x0112); ASVS 14.2.8.
"""

import struct

UPRIGHT = 1
_ORIENTATION = 0x0112
_SHORT = 3
_LARGEST = 8
_MOST_ENTRIES = 512


def read_orientation(tiff: bytes) -> int:
    """Return the orientation (1 to 8) that an Exif block declares in its first directory, 1 when none is found.

    `tiff` begins at the byte order mark; whatever is malformed counts as upright.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return UPRIGHT
    try:
        (directory,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, directory)
        for place in range(min(count, _MOST_ENTRIES)):
            tag, kind, _, value = struct.unpack_from(order + "HHIH", tiff, directory + 2 + 12 * place)
            if tag == _ORIENTATION and kind == _SHORT and value <= _LARGEST:
                return max(int(value), UPRIGHT)
    except struct.error:
        pass
    return UPRIGHT


def bare_exif(orientation: int, length: int) -> bytes | None:
    """Return an Exif block of `length` bytes that holds the orientation alone, None when it does not fit.

    Layout (bytes):  "MM" 0 42 | offset 4 | count 2 | tag 2, type 2, number 4, value 2, pad 2 | next 4 | zeros
    """
    block = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _ORIENTATION, _SHORT, 1, orientation, 0, 0)
    return block.ljust(length, b"\0") if length >= len(block) else None

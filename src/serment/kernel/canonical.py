"""One spelling for one value, so that digests and comparisons agree."""

import json


def canonical_json(value: object) -> bytes:
    """Return JSON with sorted keys, no spaces and UTF-8 text.

    Raises:
        TypeError: a value that JSON does not know.
        ValueError: a number that is not finite.
    """
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()

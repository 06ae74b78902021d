"""How near sealing comes to the cipher it is made of: MB/s, ours beside raw AES-256-GCM, in interleaved rounds.

Run: python -m bench.sealing
"""

import os
import statistics
import sys
import time
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from serment.vault import cobblestone

MIB = 1024 * 1024
CONTENT_BYTES = 64 * MIB
ROUNDS = 9


def main() -> None:
    """Print one line for each way of sealing: minimum, median, maximum, and the ratio of the medians to raw."""
    runs = _runs()
    rates: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            rates[name].append(_rate(run))
    base = {"seal": rates["raw AES-256-GCM, 1 MiB, seal"], "open": rates["raw AES-256-GCM, 1 MiB, open"]}
    sys.stdout.write(
        f"{'64 MiB in memory, one thread':<34}{'min':>8}{'median':>8}{'max':>8}  MB/s   of raw\n"
    )
    for name, found in rates.items():
        middle = statistics.median(found)
        ratio = middle / statistics.median(base[name[-4:]])
        sys.stdout.write(f"{name:<34}{min(found):8.0f}{middle:8.0f}{max(found):8.0f}{ratio:15.2f}\n")


def _rate(run: Callable[[], None]) -> float:
    begin = time.perf_counter()
    run()
    return CONTENT_BYTES / (time.perf_counter() - begin) / 1e6


def _runs() -> dict[str, Callable[[], None]]:
    key, context, nonce = os.urandom(32), os.urandom(150), os.urandom(12)
    cipher = AESGCM(key)
    clear = memoryview(bytearray(os.urandom(CONTENT_BYTES)))
    raw = memoryview(bytearray(CONTENT_BYTES + 64 * cobblestone.TAG_BYTES))
    message = memoryview(bytearray(cobblestone.sealed_size(CONTENT_BYTES)))
    target = memoryview(bytearray(CONTENT_BYTES))
    step = MIB + cobblestone.TAG_BYTES

    def seal_raw() -> None:
        for i in range(64):
            piece = raw[i * step : (i + 1) * step]
            cipher.encrypt_into(nonce, clear[i * MIB : (i + 1) * MIB], None, piece)

    def open_raw() -> None:
        for i in range(64):
            piece = raw[i * step : (i + 1) * step]
            cipher.decrypt_into(nonce, piece, None, target[i * MIB : (i + 1) * MIB])

    def seal_ours() -> None:
        cobblestone.seal_into(clear, key, context, message)

    def open_ours() -> None:
        cobblestone.unseal_into(message, key, context, target)

    return {
        "raw AES-256-GCM, 1 MiB, seal": seal_raw,
        "Cobblestone-256, seal": seal_ours,
        "raw AES-256-GCM, 1 MiB, open": open_raw,
        "Cobblestone-256, open": open_ours,
    }


if __name__ == "__main__":
    main()

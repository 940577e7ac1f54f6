"""Development mode's mailbox, as the Python and shell clients read it.

    inbox.py URL POOL ADDRESS [NUMBER]    prints the code in the NUMBERth message to an address, the first by default
"""

import json
import sys
import time
import urllib.request

PATIENCE = 10.0


def code(url: str, pool: str, address: str, number: int = 1) -> str:
    """The code (or temporary password) in the NUMBERth message that a pool sent to an address."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with urllib.request.urlopen(f"{url}/_cognate/inbox.json", timeout=PATIENCE) as answer:
            messages = json.load(answer)["messages"]
        # Newest first; counting from the oldest makes sure that an earlier code is not taken for the one awaited.
        ours = [message for message in reversed(messages) if message["user_pool"] == pool and message["to"] == address]
        if len(ours) >= number:
            return ours[number - 1]["code"]
        if time.monotonic() > deadline:
            raise TimeoutError(f"{address} has {len(ours)} messages of {pool}, not {number}")
        time.sleep(0.1)


if __name__ == "__main__":
    where, user_pool, to, *nth = sys.argv[1:]
    print(code(where, user_pool, to, *map(int, nth)))

"""`make messages`: add new sentences to the catalogue, compile it, and say what still lacks German.

python -m tests.languages
"""

import sys

from tests.languages import catalogue


def main() -> int:
    fresh = catalogue.updated(catalogue.load())
    catalogue.PO.write_bytes(catalogue.source(fresh))
    catalogue.MO.write_bytes(catalogue.compiled(fresh))
    missing = [message for message in fresh if message.id and not all(catalogue.translations(message))]
    for message in missing:
        sys.stdout.write(f"no German yet: {message.id!r}\n")
    sys.stdout.write(f"{len(fresh)} sentences, {len(missing)} without German\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())

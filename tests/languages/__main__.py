"""`make messages`: add new sentences to the catalogue, compile it, and say what still lacks German.

python -m tests.languages
"""

import sys

import django

django.setup()

from tests.languages import catalogue  # noqa: E402  it reads the names of models


def main() -> int:
    fresh = catalogue.updated(catalogue.load())
    catalogue.PO.write_bytes(catalogue.source(fresh))
    catalogue.MO.write_bytes(catalogue.compiled(fresh))
    missing = [one for one in fresh if one.id and not all(catalogue.translations(one))]
    for message in missing:
        sys.stdout.write(f"no German yet: {message.id!r}\n")
    sys.stdout.write(f"{len(fresh)} sentences, {len(missing)} without German\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())

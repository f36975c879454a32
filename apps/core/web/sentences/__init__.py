"""Sentences of refusals that are made with values, and those of `v2g`, as the catalogue knows them.

Services and `v2g` say them in English and know nothing of languages. A test reads every refusal
out of their source and fails for one that has no German here.
"""

from typing import Final

from apps.core.web.sentences import chains, files, messages, services, status

TEXTS: Final = (
    *services.TEXTS,
    *chains.TEXTS,
    *files.TEXTS,
    *status.TEXTS,
    *messages.TEXTS,
)

"""The XML form of messages, with the namespaces of their schemas.

    message = xml.read(octets, iso2.V2GMessage)              octets = xml.write(message)

OPCP hands signed messages over as XML. Reading goes through expat with everything switched off
that an ISO 15118 message never needs: document types, entities, processing instructions, foreign
namespaces.
"""

from v2g.xml.reader import MAX_DEPTH, MAX_ELEMENTS, MAX_SIZE, read, read_any
from v2g.xml.writer import write

__all__ = ["MAX_DEPTH", "MAX_ELEMENTS", "MAX_SIZE", "read", "read_any", "write"]

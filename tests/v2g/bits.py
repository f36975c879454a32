"""EXI streams written bit by bit, for tests of what the codec itself would never write."""

# The request of EXI worked through by hand: each part by its name, in the order of the stream.
REQUEST = {
    "header": "10000000",
    "V2G_Message": "1001100",
    "Header": "0",
    "SessionID": "0",
    "SessionID content": "0",
    "SessionID length": "00001000",
    "SessionID octets": "".join(f"{octet:08b}" for octet in range(1, 9)),
    "SessionID end": "0",
    "Header end": "10",
    "Body": "0",
    "member": "000101",
    "Id": "0",
    "Id length": "00000101",
    "Id text": "".join(f"{ord(character):08b}" for character in "id1"),
    "OEMProvisioningCert": "0",
    "certificate content": "0",
    "certificate length": "00000011",
    "certificate octets": "0" * 24,
    "certificate end": "0",
    "List": "0",
    "RootCertificateID": "0",
    "X509IssuerName": "0",
    "issuer content": "0",
    "issuer length": "00000011",
    "issuer text": "01000001",
    "issuer end": "0",
    "X509SerialNumber": "0",
    "serial content": "0",
    "serial sign": "0",
    "serial value": "00000001",
    "serial end": "0",
    "RootCertificateID end": "0",
    "List end": "01",
    "request end": "0",
    "Body end": "0",
    "V2G_Message end": "0",
}
# One more root in the list: the state is now of two events.
ANOTHER_ROOT = "00" + "".join(
    REQUEST[part]
    for part in list(REQUEST)[
        list(REQUEST).index("X509IssuerName") : list(REQUEST).index("List end")
    ]
)


def octets(bits: str) -> bytes:
    """The bits padded with zeros to octets."""
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def request(**parts: str) -> bytes:
    """The worked request with some of its parts replaced; underscores stand for spaces."""
    changed = {name.replace("_", " "): bits for name, bits in parts.items()}
    names = {name.replace("_", " "): name for name in REQUEST}
    unknown = set(changed) - set(names)
    assert not unknown
    return octets("".join(changed.get(key, REQUEST[name]) for key, name in names.items()))


def unsigned(value: int, more_octets: int = 0) -> str:
    """An Unsigned Integer, made longer than it need be by `more_octets`."""
    groups = []
    while True:
        groups.append(value & 127)
        value >>= 7
        if not value:
            break
    groups += [0] * more_octets
    return "".join(f"{g | 128:08b}" for g in groups[:-1]) + f"{groups[-1]:08b}"

"""The life of a contract, acted out over HTTP alone: operator, OEM, MOs, CPO and the vehicle.

The steps know nothing of the server's inside: what they do, a script with curl can do as well.
"""

"""Clients that others wrote, against our server as it runs.

Here and nowhere else a test depends on a program that Python packages do not bring. The rule: a
file of this folder is collected where its program is installed (`conftest.py`). `.ci/run` installs
the programs where it can and then sets INTEROP=required: with it everything is collected, and a
program that is missing makes its tests fail.

test_strongswan.py needs strongSwan's `pki`, 5.9.8 or newer, with its OpenSSL plugin. Debian has
them in strongswan-pki and libstrongswan-standard-plugins.
"""

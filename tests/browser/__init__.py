"""People in a real browser, against the whole stack as `make run` starts it.

One stack and one Chromium serve all of this folder; a test that changes rows of the demo uses
vehicles and contracts of its own, so that the order does not matter. As in tests/interop, nothing
is collected where the program is missing, and with BROWSER=required everything is, and fails.

`conftest.py` starts both, `visitor.py` is a person's window and notes whatever goes wrong in it,
`examine.py` looks at one page: axe in both themes, and its width on a phone.
"""

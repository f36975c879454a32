"""The catalogues of other languages: how they are gathered, compiled and kept complete."""

"""What production does not start with; each raises ImproperlyConfigured and names the setting."""

from collections.abc import Sequence
from ipaddress import ip_network
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from apps.core.secret_keys import secret_keys

CHARACTERS_AT_LEAST = 12
"""Different ones; a random text of 32 has about 26."""
OCTETS_AT_LEAST = 16
"""Different ones in a key of 32 octets; a random one has about 30."""


def short_secret(name: str, value: str, *, at_least: int) -> None:
    """Refuse a secret that is short, or a word written many times, or somebody's default."""
    if len(value) < at_least:
        raise ImproperlyConfigured(f"{name} must have at least {at_least} characters.")
    lowered = value.lower()
    known = any(word in lowered for word in ("insecure", "changeme", "change-me", "test-test"))
    if len(set(value)) < CHARACTERS_AT_LEAST or known:
        raise ImproperlyConfigured(f"{name} is not random.")


def weak_keys(name: str, configured: Sequence[str]) -> None:
    """Refuse keys that are none, or that nobody drew at random."""
    for version, key in secret_keys(configured, name).items():
        if len(set(key)) < OCTETS_AT_LEAST:
            raise ImproperlyConfigured(f"{name}: the key of version {version} is not random.")


def unknown_version(name: str, version: int, keys: str, configured: Sequence[str]) -> None:
    """Refuse the number of a key that is not there; 0 is the highest."""
    if version and version not in secret_keys(configured, keys):
        raise ImproperlyConfigured(f"{name}: {keys} holds no version {version}.")


def shared_keys(name: str, configured: Sequence[str], other: str, others: Sequence[str]) -> None:
    """Refuse one key in two places: who holds one purpose must not hold the other."""
    if set(secret_keys(configured, name).values()) & set(secret_keys(others, other).values()):
        raise ImproperlyConfigured(f"{name} and {other} must not share a key.")


def other_than_https(name: str, url: str) -> None:
    """Refuse an address that is not https and a host."""
    if not url.startswith("https://") or not urlsplit(url).hostname:
        raise ImproperlyConfigured(f"{name} must be https://, then a host.")


def open_hosts(hosts: Sequence[str], public_url: str) -> None:
    """Refuse hosts that are not named, and hosts without the one that we say we are."""
    empty("ALLOWED_HOSTS", "".join(hosts))
    if any("*" in host or host.strip(".") == "" for host in hosts):
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts.")
    own = str(urlsplit(public_url).hostname)
    if not any(own == host or (host.startswith(".") and own.endswith(host)) for host in hosts):
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the host of PUBLIC_URL.")


def whole_internet(name: str, networks: Sequence[str]) -> None:
    """Refuse what is no network, and one that holds every address."""
    for network in networks:
        try:
            found = ip_network(network)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name}: {network} is no network.") from error
        if found.prefixlen == 0:
            raise ImproperlyConfigured(f"{name} must not hold every address.")


def empty(name: str, value: str) -> None:
    """Refuse a setting without a value."""
    if not value:
        raise ImproperlyConfigured(f"{name} is empty.")


def given(name: str, value: str) -> None:
    """Refuse what only a sandbox may have."""
    if value:
        raise ImproperlyConfigured(f"{name} has no place in production.")

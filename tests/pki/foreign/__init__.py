"""Status services that OpenSSL runs, asked by the real publishing of a vehicle."""

"""Signing in without passwords: links by e-mail, sessions, and identities of an OpenID Connect issuer."""

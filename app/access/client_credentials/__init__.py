"""OAuth 2 client credentials (RFC 6749, section 4.4) for those who ask for them: a key buys a token of an hour."""

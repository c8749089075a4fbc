"""Who is calling: keys, sign-in links, sessions, roles.

Who shows a credential, what it reaches, and how credentials are made and ended.
"""

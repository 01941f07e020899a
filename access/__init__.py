"""Who may do what: users, their keys, the portal's header, scopes."""

"""Who may call: the local profile's clients, the key that signs their tokens, and the endpoint that gives them out."""

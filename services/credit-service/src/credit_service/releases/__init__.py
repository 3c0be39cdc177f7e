"""A release lets a held order go: a person's, with an end and a tolerance, or by itself when the cause has gone."""

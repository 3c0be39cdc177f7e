"""The close of a period: a checklist that names what is missing, the close itself, and its reopening by two people."""

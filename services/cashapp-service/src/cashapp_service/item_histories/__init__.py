"""The life of an item in order: every posting, submission, dispute and change of its due date, with who, when and by what."""

"""A recommendation says what should be done about a problem account; a manager decides, and the decision is carried out."""

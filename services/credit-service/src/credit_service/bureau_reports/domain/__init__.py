"""What a bureau says, what it costs, how it is kept, and what every bureau's connector does."""

"""Programs on which a derivative once was wrong or failed without a message, each with its own test."""

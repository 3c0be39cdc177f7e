"""The worklist: whom to call first today, and why."""

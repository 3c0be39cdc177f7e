"""The run of a business day: everything that falls due on it here. Today that is the judging of promises."""

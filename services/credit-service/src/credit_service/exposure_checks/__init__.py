"""The self-check of exposures, while everything runs: accounts against their documents, and these against their owner's."""

"""Where users' files go: folders or archives, chunk by chunk, and an index for each target."""

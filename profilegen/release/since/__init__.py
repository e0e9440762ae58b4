"""What an earlier release has already: signatures of users' files that did not change."""

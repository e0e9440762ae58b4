"""What changes on a device between two sets of documents."""

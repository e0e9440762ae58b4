"""What is wrong in documents, by the schemas of Apple and Google and by rules no schema states."""

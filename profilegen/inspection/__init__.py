"""From anyone's files to what is in them and wrong with them: open, read, lint, audit."""

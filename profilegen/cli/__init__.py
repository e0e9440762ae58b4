"""The command line: one module a family of verbs; the only place that knows click."""

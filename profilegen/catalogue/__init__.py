"""What the platforms can and cannot do, as data with sources and typed access."""

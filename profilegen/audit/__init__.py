"""What the bytes of artifacts leave open; knows nothing of policies, plans or templates."""

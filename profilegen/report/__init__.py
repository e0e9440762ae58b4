"""Plans, flows and findings for people and for programs; nothing here decides anything."""

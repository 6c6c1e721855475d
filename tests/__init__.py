"""The tests: one folder per room, and services, journeys and architecture."""

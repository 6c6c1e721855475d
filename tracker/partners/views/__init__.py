"""The pages of links for partners."""

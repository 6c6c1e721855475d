"""Tests on real servers: PostgreSQL, Redis, SMTP, and the product's own worker, beat and web processes."""

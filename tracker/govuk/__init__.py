"""How does a page look? Layout, components, form fields and template tags; knows no domain word."""

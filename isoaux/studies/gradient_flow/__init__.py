"""gradient_flow."""

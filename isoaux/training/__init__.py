"""Images, networks, their training and the store of what was trained (App. E)."""

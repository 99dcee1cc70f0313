"""Ground floor: arrays, names, text, files and processes; nothing here knows of networks or figures."""

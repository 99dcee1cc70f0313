"""The privileged planes of Thomson-like bases through training, as in the public examples of the method's author."""

"""The Spotlight Resonance Method's own networks: do representations gather on the vectors of the activation's basis?"""

"""The layer under every user's file: known providers and models. Data only; `g4f/config/load.py` reads it."""

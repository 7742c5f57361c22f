"""What outlives a request: documents by name, in memory or in a directory.

The rest of the program knows `Store` and nothing of where it keeps things. Losing a store costs knowledge that is won
again, never an answer, so no failure of one is ever a failure of a request.
"""

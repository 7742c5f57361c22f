"""The daemon under hours of faults and thousands of clients that leave: programs, run by `make soak` and its kin.

Each prints its figures with the bounds they must keep to, and ends with 1 if one does not.
"""

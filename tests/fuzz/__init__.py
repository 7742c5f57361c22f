"""`make fuzz`: what reads bytes of strangers, fed with bytes that nobody thought of."""

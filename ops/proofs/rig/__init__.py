"""What the proofs are made of: systems to break, hands that break them, and the count.

A stand is one system with its own emulator, Redis and folder, kept by the real supervisor. Every
verdict is read from the emulator's chats, which are what the owner would have seen, never from a
log of the system under test.
"""

"""What belongs to the owner's own computers: The Mask as a service of the system."""

"""What runs inside the sandbox. Nothing else of Mintmark imports it, and it imports nothing else of Mintmark."""

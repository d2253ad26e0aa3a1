"""Language models: how they are asked, what they answered, and what that costs."""

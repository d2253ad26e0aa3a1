"""Is every group there, and served as well as the others?"""

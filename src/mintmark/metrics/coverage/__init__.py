"""Is what is rare in reality still there?"""

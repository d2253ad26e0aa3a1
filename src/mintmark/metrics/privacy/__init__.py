"""What do the rows give away about the people they were learnt from?"""

"""Are the rows legal?"""

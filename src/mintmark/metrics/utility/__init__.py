"""Does work done with the rows succeed on real data?"""

"""Do the rows look like real ones, one column, two columns and all columns at a time?"""

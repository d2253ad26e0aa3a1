"""Is there an artefact of the making that gives the answer away?"""

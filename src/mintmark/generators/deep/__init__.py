"""What networks share, whatever they learn: how they are trained, kept, and where they compute."""

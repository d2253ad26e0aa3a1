"""What data can lack: one scarcity, one file."""

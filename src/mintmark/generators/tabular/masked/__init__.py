"""Parts of the masked network: how a table becomes tokens, the network, its training and drawing from it."""

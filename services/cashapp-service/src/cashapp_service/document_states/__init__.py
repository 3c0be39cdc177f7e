"""The states of items and receipts in bulk, for who keeps a projection of them and wants to know whether it is true."""

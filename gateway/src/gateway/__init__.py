"""The one public address of OpenItem: who may call, where a call goes, and the log of public events."""

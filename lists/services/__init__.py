"""What staff, readers and the delivery engine may change about readers."""

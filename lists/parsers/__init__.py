"""Reading the tables that people upload. Pure: bytes in, rows or a reason out."""

"""What a marketer wrote, made ready to be compiled: the law's footer, inlined CSS, a text version. No database."""
